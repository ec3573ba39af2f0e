"""The demo: acts played on the lab under steady traffic, shown as they happen and measured afterwards.

play.py says what is done, traffic.py what the client sends, watch.py what the nodes look like; measure.py and
verify.py turn it into an act a row; terminal.py, page.py and timeline.py show it.
"""
