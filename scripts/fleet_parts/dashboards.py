"""conf/grafana/panels.yaml to Grafana's dashboards."""
import json

import yaml

from .inventory import ROOT

PANELS = ROOT / "conf/grafana/panels.yaml"
PROMETHEUS = {"type": "prometheus", "uid": "mainstay-prometheus"}
LOKI = {"type": "loki", "uid": "mainstay-loki"}
SCHEMA = 39  # Grafana 10.4 and later read it
KEYS = {"title", "kind", "expr", "legend", "unit", "w", "h", "thresholds", "names", "text"}
WIDTH = 24


def dashboards() -> dict[str, str]:
    """File name → JSON. Raises ValueError on a key that no panel has."""
    return {f"{uid}.json": json.dumps(dashboard(uid, plan), indent=1, ensure_ascii=False) + "\n"
            for uid, plan in yaml.safe_load(PANELS.read_text(encoding="utf-8")).items()}


def dashboard(uid: str, plan: dict) -> dict:
    panels, y, number = [], 0, 0
    for row, content in plan["rows"].items():
        number += 1
        panels.append({"id": number, "type": "row", "title": row, "collapsed": False, "panels": [],
                       "gridPos": {"x": 0, "y": y, "w": WIDTH, "h": 1}})
        y += 1
        x = height = 0
        for panel in content:
            if unknown := set(panel) - KEYS:
                raise ValueError(f"{uid}: {panel['title']}: unknown {', '.join(sorted(unknown))}")
            small = panel.get("kind") == "stat"
            w, h = panel.get("w", 6 if small else 8), panel.get("h", 4 if small else 7)
            if x + w > WIDTH:
                x, y, height = 0, y + height, 0
            number += 1
            panels.append(drawn(panel, number) | {"gridPos": {"x": x, "y": y, "w": w, "h": h}})
            x, height = x + w, max(height, h)
        y += height
    return {"uid": f"mainstay-{uid}", "title": plan["title"], "tags": ["mainstay"], "schemaVersion": SCHEMA, "version": 1,
            "editable": False, "refresh": plan.get("refresh", "15s"), "time": {"from": "now-1h", "to": "now"},
            "timezone": "browser", "graphTooltip": 1, "templating": {"list": []}, "annotations": {"list": [
                {"name": "경보", "enable": True, "iconColor": "red", "datasource": PROMETHEUS,
                 "expr": 'ALERTS{alertstate="firing",alertname!="Watchdog"}', "titleFormat": "{{alertname}}", "step": "15s"}]},
            "links": [{"type": "dashboards", "tags": ["mainstay"], "asDropdown": True, "title": "다른 판"}], "panels": panels}


def drawn(panel: dict, number: int) -> dict:
    kind = panel.get("kind", "timeseries")
    source = LOKI if kind == "logs" else PROMETHEUS
    asked = panel["expr"] if isinstance(panel["expr"], list) else [[panel["expr"], panel.get("legend", "")]]
    instant = kind in ("stat", "table", "bargauge")
    targets = [{"refId": chr(ord("A") + index), "datasource": source, "expr": expr, "legendFormat": legend or "__auto",
                **({"instant": instant, "range": not instant} if source is PROMETHEUS else {}),
                **({"format": "table"} if kind == "table" else {})} for index, (expr, legend) in enumerate(asked)]
    steps = [{"color": "text" if not panel.get("thresholds") else "red", "value": None}]
    steps += [{"color": colour, "value": value} for value, colour in panel.get("thresholds", {}).items()]
    mappings = [{"type": "value", "options": {str(value): {"text": word, "index": index}
                                              for index, (value, word) in enumerate(panel["names"].items())}}] \
        if "names" in panel else []
    defaults = {"unit": panel.get("unit", "short"), "mappings": mappings, "thresholds": {"mode": "absolute", "steps": steps},
                **({"color": {"mode": "thresholds"}} if "thresholds" in panel else {})}
    return {"id": number, "type": kind, "title": panel["title"], "datasource": source, "targets": targets,
            "fieldConfig": {"defaults": defaults, "overrides": []}, "options": options(kind, panel)}


def options(kind: str, panel: dict) -> dict:
    reduced = {"calcs": ["lastNotNull"], "fields": "", "values": False}
    if kind == "stat":
        return {"reduceOptions": reduced, "textMode": panel.get("text", "auto"), "colorMode": "background"}
    if kind == "bargauge":
        return {"reduceOptions": reduced, "orientation": "horizontal", "displayMode": "basic"}
    if kind == "logs":
        return {"showTime": True, "wrapLogMessage": True, "sortOrder": "Descending"}
    if kind == "timeseries":
        return {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}}
    return {}
