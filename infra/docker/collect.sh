#!/bin/sh
# Collects what one service needs at run time.
#   collect.sh <workspace> <folder with everything built> <folder to make>
# Run in a folder where `npm ci --omit=dev --workspace=<workspace>` has left links to the packages it imports.
set -eu
workspace=$1 built=$2 runtime=$3

# npm links packages that only tests import too, whatever it omits.
for link in node_modules/@tollgate/testing node_modules/@tollgate/dev-stack; do
  if [ "$(readlink -f "$link")" != "$PWD/$workspace" ]; then rm -f "$link"; fi
done

mkdir -p "$runtime/infra"
cp -R node_modules package.json "$runtime/"
cp -R infra/*.json infra/sql-checks "$runtime/infra/"
for folder in $(find node_modules/@tollgate -type l -exec readlink -f {} + | sed "s|^$PWD/||"); do
  mkdir -p "$runtime/$folder"
  cp "$folder/package.json" "$runtime/$folder/"
  cp -R "$built/$folder/dist" "$runtime/$folder/"
  if [ -d "$folder/node_modules" ]; then cp -R "$folder/node_modules" "$runtime/$folder/"; fi
done
