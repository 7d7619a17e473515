"""The comparison with other libraries: what is compared, with whom, how it is measured, and how it is told.

Scripts/compare-peers is its command.
"""
