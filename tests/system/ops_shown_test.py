"""Grafana and Loki are in no distribution and do not run here. What they would read is held against what their manuals allow
(Grafana 11, Loki 3), and against what else of the fleet depends on it: doors, the shipper, dashboards."""
import copy
import json
import pathlib
import re
import unittest

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROVISIONING = ROOT / "conf/grafana/provisioning"
DASHBOARDS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "conf/grafana/dashboards").glob("*.json")}
LABELS = {"app", "host", "env", "level"}  # that syslog-ng gives to Loki
GRAFANA_GRID = 24


def closed(required: str, **properties) -> dict:
    """An object that has these and may have no other; `required` names those that must be there."""
    return {"type": "object", "properties": properties, "required": required.split(), "additionalProperties": False}


def one_of(*values) -> dict:
    return {"enum": list(values)}


def rows(item: dict) -> dict:
    return {"type": "array", "items": item, "minItems": 1}


TEXT, WHOLE, YES_NO = {"type": "string", "minLength": 1}, {"type": "integer", "minimum": 0}, {"type": "boolean"}
FOLDER = {"type": "string", "pattern": "^/"}
URL = {"type": "string", "pattern": r"^http://[\w.]+:\d+$"}
DURATION = {"type": "string", "pattern": r"^[1-9]\d*[smh]$"}

DATASOURCES = closed("apiVersion datasources", apiVersion=one_of(1), datasources=rows(closed(
    "name uid type access url", name=TEXT, uid={"type": "string", "pattern": r"^[\w-]{1,40}$"}, type=one_of("prometheus", "loki"),
    access=one_of("proxy"), url=URL, isDefault=YES_NO, editable=YES_NO, jsonData=closed("", timeInterval=DURATION))))
PROVIDERS = closed("apiVersion providers", apiVersion=one_of(1), providers=rows(closed(
    "name type options", name=TEXT, type=one_of("file"), folder=TEXT, disableDeletion=YES_NO, allowUiUpdates=YES_NO,
    options=closed("path", path=FOLDER))))
LOKI = closed(
    "auth_enabled server common schema_config limits_config compactor",
    auth_enabled=YES_NO,
    server=closed("http_listen_address http_listen_port", http_listen_address=TEXT, http_listen_port=WHOLE, grpc_listen_port=WHOLE,
                  log_level=one_of("debug", "info", "warn", "error")),
    common=closed("path_prefix replication_factor ring storage", path_prefix=FOLDER, replication_factor=one_of(1),
                  ring=closed("kvstore", kvstore=closed("store", store=one_of("inmemory"))),
                  storage=closed("filesystem", filesystem=closed("chunks_directory rules_directory", chunks_directory=FOLDER,
                                                                 rules_directory=FOLDER))),
    schema_config=closed("configs", configs=rows(closed(
        "from store object_store schema index", **{"from": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}}, store=one_of("tsdb"),
        object_store=one_of("filesystem"), schema=one_of("v12", "v13"),
        index=closed("prefix period", prefix=TEXT, period=one_of("24h"))))),  # of tsdb no other period
    limits_config=closed("retention_period", retention_period=DURATION, max_label_names_per_series=WHOLE,
                         reject_old_samples_max_age=DURATION, allow_structured_metadata=YES_NO),
    compactor=closed("working_directory retention_enabled delete_request_store", working_directory=FOLDER, retention_enabled=YES_NO,
                     delete_request_store=one_of("filesystem")),
    analytics=closed("", reporting_enabled=YES_NO))


def read(path: str) -> dict:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def hours(duration: str) -> int:
    return int(duration.removesuffix("h"))


class Shown(unittest.TestCase):
    def test_each_file_has_the_words_of_its_program_and_no_other(self):
        for path, schema in ((PROVISIONING / "datasources/mainstay.yaml", DATASOURCES), (ROOT / "conf/compose/datasources.yaml", DATASOURCES),
                             (PROVISIONING / "dashboards/mainstay.yaml", PROVIDERS), (ROOT / "conf/loki/loki.yml", LOKI)):
            with self.subTest(file=path.name):
                settings = yaml.safe_load(path.read_text(encoding="utf-8"))
                jsonschema.Draft7Validator(schema).validate(settings)
                # A word that is misspelt is seen, whichever it is.
                for spoilt in self.misspelt(settings):
                    self.assertFalse(jsonschema.Draft7Validator(schema).is_valid(spoilt), spoilt)

    @classmethod
    def misspelt(cls, settings: dict) -> list[dict]:
        found = []
        for key, value in settings.items():
            other = copy.deepcopy(settings)
            other[key + "s"] = other.pop(key)
            found.append(other)
            for inner in cls.misspelt(value) if isinstance(value, dict) else []:
                found.append(settings | {key: inner})
        return found

    def test_loki_keeps_lines_as_long_as_is_said_and_takes_what_waited(self):
        loki = read("conf/loki/loki.yml")
        first = (ROOT / "conf/loki/loki.yml").read_text(encoding="utf-8").splitlines()[0]
        self.assertEqual(int(re.search(r"(\d+) days", first)[1]) * 24, hours(loki["limits_config"]["retention_period"]))
        # Without these two it keeps all; and structured metadata is of schema v13 alone.
        self.assertTrue(loki["compactor"]["retention_enabled"])
        self.assertEqual(loki["schema_config"]["configs"][-1]["object_store"], loki["compactor"]["delete_request_store"])
        self.assertEqual(("tsdb", "v13"), tuple(loki["schema_config"]["configs"][-1][key] for key in ("store", "schema")))
        self.assertGreaterEqual(loki["limits_config"]["max_label_names_per_series"], len(LABELS))
        # A line may have waited on a node's disk over a long weekend.
        self.assertGreaterEqual(hours(loki["limits_config"]["reject_old_samples_max_age"]), 4 * 24)
        prefix = loki["common"]["path_prefix"] + "/"
        for folder in (*loki["common"]["storage"]["filesystem"].values(), loki["compactor"]["working_directory"]):
            self.assertTrue(folder.startswith(prefix), folder)

    def test_who_asks_loki_and_prometheus_asks_where_they_listen(self):
        server = read("conf/loki/loki.yml")["server"]
        inside = f"{server['http_listen_address']}:{server['http_listen_port']}"
        doors = (ROOT / "conf/ansible/roles/monitoring/templates/doors.conf.j2").read_text(encoding="utf-8")
        self.assertEqual(inside, re.search(r"\[loki\]\naccept = .+\nconnect = (\S+)", doors)[1])
        tasks = (ROOT / "conf/ansible/roles/monitoring/tasks/server.yml").read_text(encoding="utf-8")
        asked = {one["type"]: one["url"] for one in read("conf/grafana/provisioning/datasources/mainstay.yaml")["datasources"]}
        self.assertEqual({"loki": f"http://{inside}", "prometheus": "http://" + re.search(r"--web\.listen-address=(\S+:9090)", tasks)[1]}, asked)
        # The shippers come by the door of the node that has the logs.
        hosts = read("conf/inventory/generated/ansible/hosts.yaml")["all"]
        (logs,) = hosts["children"]["logs"]["hosts"]
        door = f"https://{hosts['hosts'][logs]['inner_address']}:{server['http_listen_port']}"
        for path in ("conf/syslog-ng/mainstay.conf", "conf/syslog-ng/alloy.alloy"):
            self.assertIn(f'"{door}', (ROOT / path).read_text(encoding="utf-8"), path)

    def test_every_panel_asks_a_source_that_is_there(self):
        for file in ("conf/grafana/provisioning/datasources/mainstay.yaml", "conf/compose/datasources.yaml"):
            sources = [{"type": one["type"], "uid": one["uid"]} for one in read(file)["datasources"]]
            self.assertEqual(1, sum(one.get("isDefault", False) for one in read(file)["datasources"]), file)
            for name, board in DASHBOARDS.items():
                for panel in board["panels"]:
                    for asking in (*([panel] if panel["type"] != "row" else []), *panel.get("targets", [])):
                        self.assertIn(asking["datasource"], sources, f"{name}: {panel['title']}")
                for note in board["annotations"]["list"]:
                    self.assertIn(note["datasource"], sources, name)

    def test_what_is_asked_of_loki_goes_by_labels_that_lines_have(self):
        asked = [target["expr"] for board in DASHBOARDS.values() for panel in board["panels"] for target in panel.get("targets", [])
                 if target["datasource"]["type"] == "loki"]
        self.assertTrue(asked)
        for expression in asked:
            self.assertLessEqual(set(re.findall(r"(\w+)\s*(?:=~?|!=|!~)\s*\"", expression)), LABELS, expression)
        shipped = (ROOT / "conf/syslog-ng/loki.conf").read_text(encoding="utf-8")
        body = re.search(r'body\("\{\\"stream\\":\{(.*?)\},\\"values', shipped)[1]
        self.assertEqual(LABELS, set(re.findall(r'\\"(\w+)\\":', body)))

    def test_boards_have_ids_of_their_own_and_panels_that_do_not_lie_on_each_other(self):
        self.assertEqual(len(DASHBOARDS), len({board["uid"] for board in DASHBOARDS.values()}))
        for name, board in DASHBOARDS.items():
            ids = [panel["id"] for panel in board["panels"]]
            self.assertEqual(len(ids), len(set(ids)), name)
            taken = set()
            for panel in board["panels"]:
                place = panel["gridPos"]
                self.assertLessEqual(place["x"] + place["w"], GRAFANA_GRID, f"{name}: {panel['title']}")
                fields = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
                self.assertFalse(fields & taken, f"{name}: {panel['title']} lies on another")
                taken |= fields

    def test_the_containers_have_files_where_their_settings_look_for_them(self):
        services = read("docker-compose.yml")["services"]
        (provider,) = read("conf/grafana/provisioning/dashboards/mainstay.yaml")["providers"]
        mounted = dict(volume.split(":")[:2][::-1] for volume in services["grafana"]["volumes"])
        self.assertEqual("./conf/grafana/dashboards", mounted[provider["options"]["path"]])
        kept = dict(volume.split(":")[:2][::-1] for volume in services["loki"]["volumes"])
        self.assertEqual("loki", kept[read("conf/loki/loki.yml")["common"]["path_prefix"]])
        for option in services["loki"]["command"]:
            if option.startswith("-config.file="):
                self.assertEqual("./conf/loki/loki.yml", kept[option.removeprefix("-config.file=")])


if __name__ == "__main__":
    unittest.main()
