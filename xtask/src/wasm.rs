//! Stand-in until the beacon's branch is merged.
