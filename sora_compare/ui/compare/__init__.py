"""The Compare page: the prompt form, sending, progress and the audit trail of one comparison.

Start with `prompt_form.py`.
"""
