#!/bin/sh
# Collects what one service needs at run time.
#   collect.sh <workspace> <folder with everything built> <folder to make>
# Run in a folder where `npm ci --omit=dev --workspace=<workspace>` has left links to just the packages it imports.
set -eu
workspace=$1 built=$2 runtime=$3

mkdir -p "$runtime"
cp -R node_modules infra package.json "$runtime/"
for folder in "$workspace" $(find node_modules/@tollgate -type l -exec readlink -f {} + | sed "s|^$PWD/||"); do
  # npm links the workspace itself too; a package of settings has no dist.
  mkdir -p "$runtime/$folder"
  cp "$folder/package.json" "$runtime/$folder/"
  if [ -d "$built/$folder/dist" ]; then cp -R "$built/$folder/dist" "$runtime/$folder/"; fi
  if [ -d "$folder/node_modules" ]; then cp -R "$folder/node_modules" "$runtime/$folder/"; fi
done
