# For the other scripts: budgets are files of lines `NAME NUMBER`, and `#` begins a comment.

failures=0

# Says that something is not as it should be, and goes on to the rest.
fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

# The number of NAME in FILE: `budget FILE NAME`.
budget() {
  awk -v name="$2" '$1 == name { print $2; found = 1 } END { exit !found }' "$1" ||
    { echo "$1 has no line for $2" >&2; return 1; }
}

# Whether one number is at most another; numbers may have a fraction: `at_most NUMBER LIMIT`.
at_most() { awk -v number="$1" -v limit="$2" 'BEGIN { exit !(number <= limit) }'; }

# Prints a measurement beside its budget, and fails if it is more: `compare WHAT MEASURED BUDGET [LIMIT]`.
# The limit is the budget with what is tolerated above it.
compare() {
  printf '%-34s %10s  budget %s\n' "$1" "$2" "$3"
  at_most "$2" "${4:-$3}" || fail "$1 is $2, and its budget ${4:-$3}: edit the budget if the change is worth it"
}

finish() {
  [ "$failures" -eq 0 ] || { echo "$failures failed"; exit 1; }
}
