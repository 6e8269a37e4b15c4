# shellcheck shell=bash
# Shared by up, proof and down: the stack's settings, and steps that tell how long they took.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
STACK=${1:-dev}
export STACK
PATH="$PWD/.venv/bin:$PATH"

if [[ ! -f Pulumi.$STACK.yaml ]]; then
  echo "There is no Pulumi.$STACK.yaml. Make one: cp Pulumi.dev.yaml Pulumi.$STACK.yaml, then edit it." >&2
  exit 1
fi
eval "$(python - "Pulumi.$STACK.yaml" <<'PYTHON'
import shlex, sys, yaml
config = yaml.safe_load(open(sys.argv[1]))["config"]
prefix = config["oss-proxy:objectPrefixes"][0]
for name, value in {
    "BUCKET": config["oss-proxy:bucketName"],
    "REGION": config["alicloud:region"],
    "PREFIX": "" if prefix == "*" else prefix,
}.items():
    print(f"export {name}={shlex.quote(value)}")
PYTHON
)"

HOME_FOLDER=${LOCALCLOUD_HOME:-$PWD/.localcloud}
SAMPLES=$HOME_FOLDER/samples
KEY="${PREFIX}hello.txt"
SECONDS=0
export HOME_FOLDER SAMPLES KEY

step() {
  printf '\n\033[1m== %s\033[0m  (%d s)\n' "$1" "$SECONDS"
}

operator() {
  localcloud run --from operator -- "$@"
}
