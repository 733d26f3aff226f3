"""What has changed since a release, in the fragment and in the client, and how much it breaks."""
