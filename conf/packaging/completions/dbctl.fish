# Names of nodes are those of the configuration that is named, or of the usual one.
function __dbctl_nodes
    set -l words (commandline -opc)
    set -l config /etc/mainstay/dbctl.yaml
    if set -l at (contains -i -- --config $words)
        set config $words[(math $at + 1)]
    end
    sed -n 's/^ *- *name: *\([A-Za-z0-9._-]*\).*/\1/p' $config 2>/dev/null
end
complete -c dbctl -f
complete -c dbctl -n __fish_use_subcommand -a status -d 'who is written to, who follows, and what would be lost now'
complete -c dbctl -n __fish_use_subcommand -a bootstrap -d 'a pair out of two empty servers, or of a live one and an empty one'
complete -c dbctl -n __fish_use_subcommand -a switchover -d 'writes move to the replica; nothing fails'
complete -c dbctl -n __fish_use_subcommand -a failover -d 'the primary is dead: the replica takes over'
complete -c dbctl -n __fish_use_subcommand -a rejoin -d 'a node comes back as the replica'
complete -c dbctl -n __fish_use_subcommand -a degrade -d 'the primary goes on without its replica'
complete -c dbctl -n __fish_use_subcommand -a restore-sync -d 'the primary waits for its replica again'
complete -c dbctl -n __fish_use_subcommand -a verify -d 'the rows of both nodes, compared at one GTID'
complete -c dbctl -n __fish_use_subcommand -a check -d 'say whether the configuration is right'
complete -c dbctl -n __fish_use_subcommand -a help -d this
complete -c dbctl -n __fish_use_subcommand -a version -d 'of dbctl'
complete -c dbctl -n '__fish_seen_subcommand_from bootstrap switchover failover rejoin' -l to -x -a '(__dbctl_nodes)' -d 'which node'
complete -c dbctl -n '__fish_seen_subcommand_from failover' -l accept-loss-after -x -d 'what comes after this GTID may be lost'
complete -c dbctl -n '__fish_seen_subcommand_from failover' -l kill -d 'the primary answers but is stuck: kill it'
complete -c dbctl -n '__fish_seen_subcommand_from failover' -l unfenced -d 'the old primary cannot be killed from here'
complete -c dbctl -n '__fish_seen_subcommand_from rejoin' -l reprovision -d 'keep its logs, throw its data away, copy the primary'
complete -c dbctl -l config -r -F -d 'default /etc/mainstay/dbctl.yaml'
complete -c dbctl -l dry-run -d 'what every rule says and every statement; nothing is changed'
complete -c dbctl -l json -d 'answers as JSON'
