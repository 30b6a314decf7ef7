select level, since_ms from kept
