# Reads a Vagrantfile as Vagrant does, for one provider, and prints as JSON what it asks for: machine → settings.
# usage: vagrant_stub.rb VAGRANTFILE PROVIDER
require "json"

PROVIDER = ARGV[1]
MACHINES = {}

class Box
  attr_accessor :cpus, :memory
  attr_reader :vmx, :customized

  def initialize
    @vmx = {}
    @customized = []
  end

  def customize(words)
    @customized << words.map(&:to_s)
  end
end

class Machine
  attr_accessor :hostname, :box
  attr_reader :networks, :provisioners, :hypervisor

  def initialize
    @networks = []
    @provisioners = []
    @hypervisor = Box.new
  end

  def vm
    self
  end

  def network(kind, **options)
    @networks << options.merge(kind: kind)
  end

  def provision(kind, **options)
    @provisioners << options.merge(kind: kind)
  end

  def provider(name, &block)
    block.arity == 2 ? block.call(@hypervisor, self) : block.call(@hypervisor) if name == PROVIDER
  end

  def synced_folder(*, **) end

  def define(name)
    yield MACHINES[name] = Machine.new
  end
end

module Vagrant
  def self.configure(_version)
    yield Machine.new
  end
end

load ARGV[0]
puts JSON.generate(MACHINES.transform_values do |machine|
  {hostname: machine.hostname, networks: machine.networks, provisioners: machine.provisioners, cpus: machine.hypervisor.cpus,
   memory: machine.hypervisor.memory, vmx: machine.hypervisor.vmx, customized: machine.hypervisor.customized}
end)
