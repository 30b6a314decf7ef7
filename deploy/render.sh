#!/bin/sh
# Fills settings into a configuration file whose product does not read the environment by itself.
#
# In: a file. Out, on standard output: the same file, in which ${NAME} is the environment's NAME, and in which
# what stands between "# begin WORD" and "# end WORD" is left out unless ALERT_CHANNELS, words with commas, has
# WORD. Must never happen: a missing setting, or a channel that does not exist, and nobody hears of it; the
# program ends with 1 and names it.
set -eu
exec awk '
  BEGIN { count = split(ENVIRON["ALERT_CHANNELS"], words, /[ ,]+/); for (i = 1; i <= count; i++) if (words[i] != "") has[words[i]] = 1 }
  $1 == "#" && $2 == "begin" && NF == 3 { inside = $3; known[$3] = 1; next }
  $1 == "#" && $2 == "end" && NF == 3 { inside = ""; next }
  inside != "" && !(inside in has) { next }
  /^ *#/ { print; next }
  {
    while (match($0, /\$\{[A-Z_]+\}/)) {
      name = substr($0, RSTART + 2, RLENGTH - 3)
      if (!(name in ENVIRON)) { print FILENAME ":" FNR ": " name " is not set" > "/dev/stderr"; bad = 1; exit }
      # A value that has such a name in it is not looked at again.
      out = out substr($0, 1, RSTART - 1) ENVIRON[name]
      $0 = substr($0, RSTART + RLENGTH)
    }
    print out $0
    out = ""
  }
  END {
    if (bad) exit 1
    for (word in has) { chosen = 1; if (!(word in known)) { print "ALERT_CHANNELS: there is no " word > "/dev/stderr"; exit 1 } }
    for (word in known) if (!chosen) { print "ALERT_CHANNELS has no channel: nobody would be told" > "/dev/stderr"; exit 1 }
  }
' "$1"
