"""When each alert fires and when it does not: series as promtool's unit tests write them, a sample a step."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    alert: str
    fires: dict[str, str]       # series → samples, in promtool's notation
    quiet: dict[str, str]       # as near to firing as it gets without
    after: str = "1m"           # when it is looked at, from the begin of both
    step: str = "5s"
    count: int = 1              # alerts that fire then
    labels: str = ""            # which they have, as a selector has them


PROBE = 'probe_success{job="probe",instance="%s"}'
ACTIVE = 'vrrpd_state{instance="%s",interface="out0",vrid="51",state="active"}'
BOTH_ACTIVE = 'vrrpd_both_active{instance="%s",interface="out0",vrid="51"}'
READ_ONLY = 'mysql_global_variables_read_only{job="mysqld",instance="%s"}'
MYSQL_UP = 'mysql_up{job="mysqld",instance="%s"}'
SQL_RUNS = 'mysql_slave_status_slave_sql_running{instance="%s",master_host="10.0.0.31"}'
IO_RUNS = 'mysql_slave_status_slave_io_running{instance="%s",master_host="10.0.0.31"}'
SERVER_UP = 'lbd_upstream_up{instance="%s",upstream="bookd",endpoint="10.0.0.%s:8080"}'
NODE_UP = 'up{job="node",instance="%s",inner_address="10.0.0.%s"}'
SHIPPER = 'node_systemd_unit_state{job="node",instance="%s",name="syslog-ng.service",type="notify",state="%s"}'
WRITTEN = 'node_textfile_mtime_seconds{job="node",instance="%s",file="/var/lib/prometheus/node-exporter/%s.prom"}'
AVAILABLE = 'node_filesystem_avail_bytes{instance="db1",mountpoint="/",fstype="ext4"}'
SIZE = 'node_filesystem_size_bytes{instance="db1",mountpoint="/",fstype="ext4"}'
REQUESTS = 'lbd_http_requests_total{instance="lb1",listener="0.0.0.0:80",route="/",method="GET",code="200"}'
DURATION = 'lbd_http_request_duration_seconds_%s{instance="lb1",route="/"%s}'
BACKUP = 'mainstay_backup_last_good_timestamp_seconds{kind="full",instance="app2"}'
ARCHIVED = 'mainstay_backup_archive_complete_timestamp_seconds{instance="app2"}'
IN_USE = 'lbd_tls_certificate_expiry_timestamp_seconds{instance="lb1",%s="web",subject="CN=lb1",key="EC 256"}'
HOUR = 3600
FAST, SLOW = {"step": "1m", "after": "70m"}, {"step": "30m", "after": "72h"}


def both(series: str, first: str, second: str, values: str) -> dict[str, str]:
    return {series % first: values, series % second: values}


CASES = [
    Case("VipDown", both(PROBE, "lb1", "lb2", "1 1 0x20"), {PROBE % "lb1": "1 1 0x20", PROBE % "lb2": "1x22"}),
    Case("VrrpNoActiveRouter", both(ACTIVE, "lb1", "lb2", "0x20"), {ACTIVE % "lb1": "0x20", ACTIVE % "lb2": "0 0 1x20"}),
    Case("VrrpSplitBrain", both(ACTIVE, "lb1", "lb2", "1x20"), {ACTIVE % "lb1": "1x20", ACTIVE % "lb2": "1 1 0x20"}),
    Case("VrrpSplitBrain", {ACTIVE % "lb1": "1x20", BOTH_ACTIVE % "lb1": "1x20"},
         {ACTIVE % "lb1": "1x20", BOTH_ACTIVE % "lb1": "1 1 0x20", BOTH_ACTIVE % "lb2": "0x20"}),
    # Both windows have to agree.
    Case("LbErrorBudgetBurnFast", both(PROBE, "lb1", "lb2", "1x60 0x10"), both(PROBE, "lb1", "lb2", "1x30 0x10 1x40"), **FAST),
    Case("LbErrorBudgetBurnMedium", both(PROBE, "lb1", "lb2", "1x65 0x6"), both(PROBE, "lb1", "lb2", "1x40 0x4 1x30"),
         step="5m", after="6h"),
    Case("LbErrorBudgetBurnSlow", both(PROBE, "lb1", "lb2", "1x140 0x1 1x2"), both(PROBE, "lb1", "lb2", "1x100 0x1 1x43"), **SLOW),
    Case("LbPoolEmpty", {SERVER_UP % ("lb1", 21): "0x20", SERVER_UP % ("lb1", 22): "0x20"},
         {SERVER_UP % ("lb1", 21): "0x20", SERVER_UP % ("lb1", 22): "1x20"}),
    Case("DbNoWritablePrimary", both(READ_ONLY, "db1", "db2", "1x20"), {READ_ONLY % "db1": "0x20", READ_ONLY % "db2": "1x20"}),
    Case("DbTwoWritablePrimaries", both(READ_ONLY, "db1", "db2", "0x20"), {READ_ONLY % "db1": "0x20", READ_ONLY % "db2": "1x20"}),
    Case("DbReplicationStopped", {SQL_RUNS % "db2": "1x20", IO_RUNS % "db2": "0x20"},
         {SQL_RUNS % "db2": "1x20", IO_RUNS % "db2": "0 0 0 1x20"}),
    # A replica that has forgotten whom it follows says nothing at all about it.
    Case("DbReplicationStopped", {MYSQL_UP % "db2": "1x20", READ_ONLY % "db2": "1x20"},
         {MYSQL_UP % "db2": "1x20", READ_ONLY % "db2": "1x20", SQL_RUNS % "db2": "1x20", IO_RUNS % "db2": "1x20"}),
    Case("NodeDown", {'up{job="node",instance="app1"}': "1 0x20"}, {'up{job="node",instance="app1"}': "0 0 0 1x20"}),
    Case("DiskFull", {AVAILABLE: "4x30", SIZE: "100x30"}, {AVAILABLE: "6x30", SIZE: "100x30"}, after="2m"),
    Case("TlsCertExpiringSoon", {'mainstay_certificate_expiry_timestamp_seconds{instance="lb1"}': f"{2 * 24 * HOUR}x30"},
         {'mainstay_certificate_expiry_timestamp_seconds{instance="lb1"}': f"{4 * 24 * HOUR}x30"}, after="2m"),
    *(Case("TlsCertExpiringSoon", {IN_USE % side: f"{2 * 24 * HOUR}x30"}, {IN_USE % side: f"{4 * 24 * HOUR}x30"}, after="2m")
      for side in ("listener", "upstream")),
    Case("TlsCertExpiringSoon", {'probe_ssl_earliest_cert_expiry{instance="lb1"}': f"{2 * 24 * HOUR}x30"},
         {'probe_ssl_earliest_cert_expiry{instance="lb1"}': f"{4 * 24 * HOUR}x30"}, after="2m"),
    Case("BackupMissing", {BACKUP: "0x60"}, {BACKUP: f"{2 * HOUR}x60"}, step="30m", after="27h"),
    Case("BackupMissing", {}, {BACKUP: "0x100"}, step="1m", after="10m"),
    Case("LbLatencyP99High", {DURATION % ("bucket", ',le="0.25"'): "0x120", DURATION % ("bucket", ',le="1"'): "0+5x120",
                              DURATION % ("bucket", ',le="+Inf"'): "0+5x120", DURATION % ("count", ""): "0+5x120"},
         {DURATION % ("bucket", ',le="0.25"'): "0+5x120", DURATION % ("bucket", ',le="1"'): "0+5x120",
          DURATION % ("bucket", ',le="+Inf"'): "0+5x120", DURATION % ("count", ""): "0+5x120"}, after="8m"),
    # One slow request in an empty shop is no news.
    Case("LbLatencyP99High", {DURATION % ("bucket", ',le="0.25"'): "0x120", DURATION % ("bucket", ',le="1"'): "0+5x120",
                              DURATION % ("bucket", ',le="+Inf"'): "0+5x120", DURATION % ("count", ""): "0+5x120"},
         {DURATION % ("bucket", ',le="0.25"'): "0x120", DURATION % ("bucket", ',le="1"'): "0x60 1x60",
          DURATION % ("bucket", ',le="+Inf"'): "0x60 1x60", DURATION % ("count", ""): "0x60 1x60"}, after="8m"),
    # Its node's name is known by the address, whether the node is there or not; NodeDown explains it by that.
    Case("UpstreamDown", {SERVER_UP % ("lb1", 21): "0x30", SERVER_UP % ("lb2", 21): "1x30", SERVER_UP % ("lb1", 22): "1x30",
                          NODE_UP % ("app1", 21): "0x30", NODE_UP % ("app2", 22): "1x30"},
         {SERVER_UP % ("lb1", 21): "0 0 1x30", SERVER_UP % ("lb1", 22): "1x30", NODE_UP % ("app1", 21): "0x30"},
         labels='instance="app1",endpoint="10.0.0.21:8080"', after="2m"),
    Case("UpstreamDown", {SERVER_UP % ("lb1", 99): "0x30", NODE_UP % ("app1", 21): "1x30"},
         {SERVER_UP % ("lb1", 99): "1x30", NODE_UP % ("app1", 21): "0x30"}, labels='endpoint="10.0.0.99:8080"', after="2m"),
    Case("LbRetriesHigh", {REQUESTS: "0+10x120", 'lbd_retries_total{instance="lb1",reason="not_connected"}': "0+1x120"},
         {REQUESTS: "0+10x120", 'lbd_retries_total{instance="lb1",reason="not_connected"}': "0+0.2x120"}, after="7m"),
    Case("LbOverloaded", {'lbd_overload_level{instance="lb1",worker="0"}': "1x20"},
         {'lbd_overload_level{instance="lb1",worker="0"}': "1 1 0x20"}),
    Case("VrrpAdvertisementsBlocked", {'vrrpd_backup_by_word{instance="lb2",interface="out0",vrid="51"}': "1x20"},
         {'vrrpd_backup_by_word{instance="lb2",interface="out0",vrid="51"}': "0 1 0x20"}),
    Case("VrrpFlapping", {'vrrpd_transitions_total{instance="lb1",interface="out0",vrid="51",to="active"}': "0+0.5x20"},
         {'vrrpd_transitions_total{instance="lb1",interface="out0",vrid="51",to="active"}': "0x10 1x10"}, step="30s", after="9m"),
    Case("DbReplicationLag", {'mysql_slave_status_seconds_behind_master{instance="db2"}': "11x30"},
         {'mysql_slave_status_seconds_behind_master{instance="db2"}': "9x30"}, after="2m"),
    Case("DbSemiSyncOff", {'mysql_global_status_rpl_semi_sync_master_status{instance="db1"}': "0x20", READ_ONLY % "db1": "0x20"},
         {'mysql_global_status_rpl_semi_sync_master_status{instance="db2"}': "0x20", READ_ONLY % "db2": "1x20"}),
    Case("DbConnectionsHigh", {'mysql_global_status_threads_connected{instance="db1"}': "81x30",
                               'mysql_global_variables_max_connections{instance="db1"}': "100x30"},
         {'mysql_global_status_threads_connected{instance="db1"}': "79x30",
          'mysql_global_variables_max_connections{instance="db1"}': "100x30"}, after="2m"),
    Case("AppOverloaded", {'bookd_db_overloaded_total{instance="app1"}': "0+1x30"},
         {'bookd_db_overloaded_total{instance="app1"}': "5x30", 'bookd_db_queue_length{instance="app1"}': "500x30"}, after="2m"),
    Case("AppNotReady", {'bookd_ready{instance="app1"}': "0x20"}, {'bookd_ready{instance="app1"}': "0 0 0 1x20"}),
    Case("OutboxStuck", {'bookd_outbox_oldest_timestamp_seconds{instance="app1"}': "1x90",
                         'bookd_outbox_oldest_timestamp_seconds{instance="app2"}': "0x90"},
         {'bookd_outbox_oldest_timestamp_seconds{instance="app1"}': "0x90",
          'bookd_messages_total{result="sent",instance="app1"}': "0+1x90"}, step="10s", after="12m"),
    Case("OutboxStuck", {'bookd_messages_total{result="given_up",instance="app2"}': "0x30 1x60"},
         {'bookd_messages_total{result="failed",instance="app2"}': "0x30 1x60"}, step="10s", after="8m"),
    Case("LookupBruteForce", {'bookd_lookup_attempts_total{result="not_found",instance="app1"}': "0+4x20"},
         {'bookd_lookup_attempts_total{result="found",instance="app1"}': "0+40x20"}, step="30s", after="9m"),
    Case("AdminLoginFailures", {'bookd_admin_logins_total{result="wrong",instance="app1"}': "0+1x20"},
         {'bookd_admin_logins_total{result="ok",instance="app1"}': "0+9x20"}, step="30s", after="9m"),
    Case("DiskWillFillIn4h", {AVAILABLE: "35-0.2x90", SIZE: "100x90"}, {AVAILABLE: "35-0.01x90", SIZE: "100x90"},
         step="1m", after="80m"),
    Case("MemoryPressure", {'node_pressure_memory_stalled_seconds_total{instance="app1"}': "0+1x60"},
         {'node_pressure_memory_stalled_seconds_total{instance="app1"}': "0+0.4x60"}, after="5m"),
    Case("ClockSkew", {'node_timex_offset_seconds{instance="lb1"}': "-0.06x30"},
         {'node_timex_offset_seconds{instance="lb1"}': "0.04x30", 'node_timex_sync_status{instance="lb1"}': "1x30"},
         step="30s", after="10m"),
    Case("ConfigReloadFailed", {'lbd_config_last_reload_successful{instance="lb1",job="lbd"}': "0x20"},
         {'lbd_config_last_reload_successful{instance="lb1",job="lbd"}': "1x20"}),
    Case("UnitFailed", {'node_systemd_unit_state{instance="app2",name="bookd.service",state="failed"}': "1x20"},
         {'node_systemd_unit_state{instance="app2",name="bookd.service",state="failed"}': "0x20"}),
    Case("UfwInactive", {'mainstay_ufw_active{instance="db1"}': "0x30"}, {'mainstay_ufw_active{instance="db1"}': "1x30"}, after="2m"),
    Case("BackupFailed", {'mainstay_backup_exit_code{instance="db2",command="full"}': "5x30"},
         {'mainstay_backup_exit_code{instance="db2",command="full"}': "0x30",
          ARCHIVED: "0x5 30x30"}, after="1m30s"),
    # promtool's clock begins at 0. An archive that has died has its last word on the node's disk: complete at 60, and no more.
    Case("BackupFailed", {ARCHIVED: "0x5 30x5 60x60"}, {ARCHIVED: "0x5 30x5 60x5 90x5 120x5 150x5 180x30"}, after="3m30s",
         labels='instance="app2"'),
    Case("TargetMissing", {'up{job="bookd",instance="app1"}': "0x30"}, {'up{job="bookd",instance="app1"}': "0x5 1x30"}, after="2m"),
    Case("ProbeMissing", {}, both(PROBE, "lb1", "lb2", "1x30"), after="2m"),
    Case("AlertsNotDelivered", {'alertmanager_notifications_failed_total{instance="app1",integration="slack"}': "0+1x60"},
         {'alertmanager_notifications_failed_total{instance="app1",integration="slack"}': "3x60"}, after="4m"),
    Case("LogsNotShipped", {'mainstay_logs_queued{instance="lb1"}': "2000x30"}, {'mainstay_logs_queued{instance="lb1"}': "900x30"},
         step="30s", after="8m"),
    # Stopped, whether systemd still has the unit in mind or not. Of a node that is gone nothing is known.
    Case("LogShipperStopped", {NODE_UP % ("lb1", 11): "1x30", SHIPPER % ("lb1", "active"): "1 1 0x30",
                               SHIPPER % ("lb1", "inactive"): "0 0 1x30"},
         {NODE_UP % ("lb1", 11): "1x30", SHIPPER % ("lb1", "active"): "0 0 0 1x30"}, labels='instance="lb1"', after="2m"),
    Case("LogShipperStopped", {NODE_UP % ("lb1", 11): "1x30", NODE_UP % ("lb2", 12): "1x30", SHIPPER % ("lb2", "active"): "1x30"},
         {NODE_UP % ("lb1", 11): "0x30", NODE_UP % ("lb2", 12): "1x30", SHIPPER % ("lb2", "active"): "1x30"},
         labels='instance="lb1"', after="2m"),
    # promtool's clock begins at 0: written then, and never again, or every 15 s.
    Case("NodeMetricsStale", {NODE_UP % ("lb1", 11): "1x90", WRITTEN % ("lb1", "mainstay_node"): "0x90"},
         {NODE_UP % ("lb1", 11): "1x90", WRITTEN % ("lb1", "mainstay_node"): "0+5x90"}, labels='instance="lb1"', after="5m"),
    Case("NodeMetricsStale", {NODE_UP % ("lb1", 11): "1x90", WRITTEN % ("lb1", "mainstay_backup"): "0+5x90"},
         {NODE_UP % ("lb1", 11): "0x90", WRITTEN % ("lb1", "mainstay_backup"): "0+5x90"}, after="5m"),
    Case("Watchdog", {}, {}),  # always
]
