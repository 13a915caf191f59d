#!/usr/bin/env bash
# csv-parse 7.0.3: where no `record_delimiter` is given, it takes the first line ending that it meets for that of the whole file.
# A list whose header ends with CRLF (a spreadsheet's) and whose rows end with LF (a script's) is a header and one field
# that holds all the rows, without an error where the number of columns is relaxed; with LF first, CRLF is left out of the way.
#
# Seen: "CRLF first: 2 records; LF first: 3 records", of a header and two rows.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true }' > package.json
npm install --ignore-scripts --no-audit --no-fund --silent csv-parse@7.0.3 > /dev/null
cat > parse.mjs <<'JS'
import { parse } from 'csv-parse/sync';
const records = (text) => parse(text, { relax_column_count: true }).length;
console.log(
  `CRLF first: ${records('path,class\r\na.png,cat\nb.png,dog\n')} records; ` +
    `LF first: ${records('path,class\na.png,cat\r\nb.png,dog\r\n')} records`,
);
JS
seen="$(node parse.mjs)"
echo "$seen"
[ "$seen" = 'CRLF first: 2 records; LF first: 3 records' ]
