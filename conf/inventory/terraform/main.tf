# The six machines on vSphere, cloned from a template of Ubuntu 22.04 or Debian 12 with cloud-init and open-vm-tools. Who they
# are comes from the inventory (../generated/terraform, made by scripts/fleet), what their guests are told from
# ../generated/cloud-init; then the playbook: conf/ansible. How it is run: docs/install.md.

terraform {
  required_version = ">= 1.3"
  required_providers {
    vsphere = {
      source  = "hashicorp/vsphere"
      version = "~> 2.6"
    }
  }
}

variable "nodes" {
  description = "Of the inventory: fleet.auto.tfvars.json."
  type = map(object({
    cpus       = number
    memory_mib = number
    disk_gib   = number
    networks   = map(object({ port_group = string, mac = string, address = string }))
  }))
}

variable "ssh_key" {
  description = "The operator's public key, a line of authorized_keys."
  type        = string
}

variable "server" { type = string }
variable "user" { type = string }
variable "password" { # by the environment: TF_VAR_password
  type      = string
  sensitive = true
}
variable "datacenter" { type = string }
variable "cluster" { type = string }
variable "datastore" { type = string }
variable "template" {
  type    = string
  default = "ubuntu-22.04"
}

provider "vsphere" {
  vsphere_server = var.server
  user           = var.user
  password       = var.password
}

data "vsphere_datacenter" "here" {
  name = var.datacenter
}

data "vsphere_compute_cluster" "here" {
  name          = var.cluster
  datacenter_id = data.vsphere_datacenter.here.id
}

data "vsphere_datastore" "here" {
  name          = var.datastore
  datacenter_id = data.vsphere_datacenter.here.id
}

data "vsphere_virtual_machine" "template" {
  name          = var.template
  datacenter_id = data.vsphere_datacenter.here.id
}

# The two port groups are there before: docs/install.md says what they must allow.
data "vsphere_network" "port_group" {
  for_each      = toset(flatten([for node in var.nodes : [for network in node.networks : network.port_group]]))
  name          = each.key
  datacenter_id = data.vsphere_datacenter.here.id
}

# Of each pair the two machines stand on different hosts: one host that dies takes one of them.
resource "vsphere_compute_cluster_vm_anti_affinity_rule" "pair" {
  for_each            = toset(["lb", "app", "db"])
  name                = "mainstay-${each.key}"
  compute_cluster_id  = data.vsphere_compute_cluster.here.id
  virtual_machine_ids = [for name, machine in vsphere_virtual_machine.node : machine.id if trim(name, "0123456789") == each.key]
}

resource "vsphere_virtual_machine" "node" {
  for_each         = var.nodes
  name             = each.key
  resource_pool_id = data.vsphere_compute_cluster.here.resource_pool_id
  datastore_id     = data.vsphere_datastore.here.id
  num_cpus         = each.value.cpus
  memory           = each.value.memory_mib
  guest_id         = data.vsphere_virtual_machine.template.guest_id
  firmware         = data.vsphere_virtual_machine.template.firmware
  scsi_type        = data.vsphere_virtual_machine.template.scsi_type

  # netplan knows the cards by their MAC; their order means nothing.
  dynamic "network_interface" {
    for_each = each.value.networks
    content {
      network_id     = data.vsphere_network.port_group[network_interface.value.port_group].id
      use_static_mac = true
      mac_address    = network_interface.value.mac
    }
  }

  disk {
    label            = "disk0"
    size             = each.value.disk_gib
    thin_provisioned = true
  }

  clone {
    template_uuid = data.vsphere_virtual_machine.template.id
  }

  # cloud-init's data source VMware: metadata holds the network as well.
  extra_config = {
    "guestinfo.metadata" = base64encode(jsonencode(merge(
      yamldecode(file("${path.module}/../generated/cloud-init/${each.key}/meta-data")),
      yamldecode(file("${path.module}/../generated/cloud-init/${each.key}/network-config")),
    )))
    "guestinfo.metadata.encoding" = "base64"
    "guestinfo.userdata" = base64encode(templatefile(
      "${path.module}/../generated/cloud-init/${each.key}/user-data", { ssh_key = var.ssh_key },
    ))
    "guestinfo.userdata.encoding" = "base64"
  }

  # cloud-init has read them at the first boot; a later change of the page of hosts makes no new machine.
  lifecycle {
    ignore_changes = [extra_config, clone]
  }
}

output "addresses" {
  value = { for name, node in var.nodes : name => { for network, card in node.networks : network => card.address } }
}
