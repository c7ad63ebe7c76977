//! A second reading of a finished output: what the journal says against what is there.
