"""What scripts/loadtest is made of: events.py is what happened meanwhile as somebody wrote it down, prometheus.py as
Prometheus saw it; charts.py draws, page.py writes the page."""
