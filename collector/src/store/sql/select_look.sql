select at_ms from look where what = 'changes'
