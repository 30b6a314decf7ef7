#!/bin/sh
# Scans every image of the compose file once a day, and tells Prometheus through the node exporter.
#
# In: COMPOSE, the compose file; `trivy` on the path. Out: OUTPUT, a file of metrics, replaced at once. Must never
# happen: an image that could not be scanned looks clean; its old time stays, and VulnerabilityScanStale says so.
# ONCE makes it end after one round.
set -eu

scan_one() {
  severities=$(trivy image --quiet --image-src remote --ignore-unfixed --severity CRITICAL,HIGH --format template \
    --template '{{ range . }}{{ range .Vulnerabilities }}{{ .Severity }}{{ "\n" }}{{ end }}{{ end }}' "$1") || return 1
  for severity in CRITICAL HIGH; do
    count=$(printf '%s\n' "$severities" | grep -c "^$severity\$" || true)
    echo "foresight_image_vulnerabilities{image=\"$1\",severity=\"$severity\"} $count"
  done
  echo "foresight_image_scan_timestamp_seconds{image=\"$1\"} $(date +%s)"
}

while :; do
  new="$OUTPUT.new"
  : > "$new"
  # Images of others; the collector's own is built here, and has variables in its name.
  for image in $(sed -n 's/^ *image: *\([^ $]*\)$/\1/p' "$COMPOSE"); do
    if ! scan_one "$image" >> "$new"; then
      echo "$image could not be scanned" >&2
      # What was known of it stays known, with its time; of one that was never scanned, a time long ago.
      if ! grep -F "{image=\"$image\"" "$OUTPUT" >> "$new" 2>/dev/null; then
        echo "foresight_image_scan_timestamp_seconds{image=\"$image\"} 0" >> "$new"
      fi
    fi
  done
  {
    echo '# HELP foresight_image_vulnerabilities Vulnerabilities with a known repair that the last scan found.'
    echo '# TYPE foresight_image_vulnerabilities gauge'
    # Unlike grep, sed fails only if it cannot read: no image at all may have been scanned yet.
    sed -n '/^foresight_image_vulnerabilities/p' "$new"
    echo '# HELP foresight_image_scan_timestamp_seconds When an image was last scanned, in seconds since 1970.'
    echo '# TYPE foresight_image_scan_timestamp_seconds gauge'
    sed -n '/^foresight_image_scan/p' "$new"
  } > "$OUTPUT.whole"
  mv "$OUTPUT.whole" "$OUTPUT"
  rm "$new"
  [ -n "${ONCE:-}" ] && exit
  sleep 86400
done
