#!/usr/bin/env bash
# What does h1spec, a public suite of HTTP/1.1 conformance tests, say of each server? All of its tests, the strict ones too.
#
# Usage: h1spec.sh PATH. Needs python3 and a checkout at PATH: git clone https://github.com/dropseed/h1spec. Nothing of it is
# installed. Ends with 1 if a test fails that README.md does not explain, as listed in h1spec.txt.
source "$(dirname "$0")/servers.sh"
need python3
suite=${1:?"usage: h1spec.sh PATH_OF_A_CHECKOUT_OF_h1spec"}
[ -e "$suite/h1spec/runner.py" ] || { echo "error: there is no h1spec in $suite" >&2; exit 1; }
known=$root/checks/h1spec.txt
build

# Its output without colours: `✗ 12. name`, and below that what came.
ask() {
    PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$suite" python3 -c 'import h1spec; h1spec.main()' --strict "${url#http://}" |
        sed 's/\x1b\[[0-9]*m//g'
}

unexplained=0
printf '%-48s %s\n' server passed
for contender in "${contenders[@]}"; do
    read -ra words <<<"$contender"
    start "$bin/${words[0]}" "${words[@]:1}"
    said=$(ask) || true
    stop
    printf '%-48s %s\n' "$contender" "$(grep -E '^[0-9]+/[0-9]+ passed' <<<"$said" || echo 'it did not come to its end')"
    grep -qE '^[0-9]+/[0-9]+ passed' <<<"$said" || unexplained=1
    stack=${words[2]}
    while IFS= read -r name; do
        if grep -qxF "$stack: $name" "$known"; then
            echo "    known: $name"
        else
            echo "    NOT EXPLAINED: $name"
            unexplained=1
        fi
    done < <(sed -n 's/^ *✗ [0-9]*\. //p' <<<"$said")
done
exit $unexplained
