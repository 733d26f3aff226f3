"""From a commit to wheels: version, tag and changelog, building, trying, publishing."""
