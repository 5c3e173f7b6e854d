#!/bin/sh
# An unknown server runs once, contained and watched; the smallest manifest that it needs is proposed, and a person decides.
. "$(dirname "$0")/weather.sh"

say "It wants a file that nobody mentioned."
echo Bern >cities.txt
sed -i "1i import { readFileSync } from \"node:fs\"; try { readFileSync(\"$HOME/cities.txt\"); } catch (error) { console.error(error.code); }" server/main.mjs
run sigil add server
run sigil run weather --learn --tool weather --arguments '{}'
