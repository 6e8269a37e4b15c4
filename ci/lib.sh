# shellcheck shell=bash
# Shared by preview and deploy: which stack, with whose keys for its state, and the preview itself.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH="$PWD/.venv/bin:$PATH"

STACK=${1:-}
REPORT=${2:-preview.md}
if [[ -z $STACK || ! -f Pulumi.$STACK.yaml ]]; then
  echo "Usage: ci/$(basename "$0") STACK [REPORT]; there must be a Pulumi.STACK.yaml (here: ${STACK:-none named})." >&2
  exit 2
fi
if ! command -v pulumi >/dev/null; then
  echo "There is no pulumi. Run: make runtime" >&2
  exit 2
fi

# State in an OSS bucket is reached as S3's clients do: docs/state.md.
if [[ ${PULUMI_BACKEND_URL:-} == s3://* ]]; then
  if [[ -z ${AWS_ACCESS_KEY_ID:-} && -n ${ALIBABA_CLOUD_ACCESS_KEY_ID:-} ]]; then
    export AWS_ACCESS_KEY_ID=$ALIBABA_CLOUD_ACCESS_KEY_ID
    export AWS_SECRET_ACCESS_KEY=${ALIBABA_CLOUD_ACCESS_KEY_SECRET:-}
    export AWS_SESSION_TOKEN=${ALIBABA_CLOUD_SECURITY_TOKEN:-}
  fi
  export AWS_REQUEST_CHECKSUM_CALCULATION=${AWS_REQUEST_CHECKSUM_CALCULATION:-when_required}
  export AWS_RESPONSE_CHECKSUM_VALIDATION=${AWS_RESPONSE_CHECKSUM_VALIDATION:-when_required}
fi

export PULUMI_SKIP_UPDATE_CHECK=true
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# Previews into $WORK/text and $WORK/events, reports into $REPORT; returns pulumi's exit status.
preview() {
  local code=0
  # The log of events is what Pulumi's Automation API reads too; a flag of debugging commands.
  PULUMI_DEBUG_COMMANDS=true pulumi --non-interactive --color never preview --stack "$STACK" --diff \
    --event-log "$WORK/events" >"$WORK/text" 2>&1 || code=$?
  python ci/changes.py report --stack "$STACK" --events "$WORK/events" --text "$WORK/text" \
    --exit-code "$code" >"$REPORT"
  return "$code"
}
