"""The runner: submit, poll, download, postprocess.

Start with `runner.py`; `work.py` carries one take through `submitter.py`, `job_poller.py`, `clip_downloader.py` and
`postprocessor.py`.
"""
