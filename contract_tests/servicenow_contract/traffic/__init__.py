"""The command `check-traffic`: reads recordings of many kinds and judges what they hold."""
