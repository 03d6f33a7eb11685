#!/bin/sh
# Puts the first image into Amazon ECR, so that the service has something to start with.
# Every later image comes from the pipeline. `sh deploy.sh --help` says more.
set -eu

REPOSITORY=ecs-codepipeline-practice/api
IMAGE_TAG_PARAMETER=/ecs-codepipeline-practice/api/image-tag
DEFAULT_REGION=ap-northeast-2
DEFAULT_PLATFORM=linux/arm64

usage() {
  cat <<END
Usage: sh deploy.sh [--region REGION] [--platform PLATFORM]

Before the first 'cdk deploy': creates the ECR repository $REPOSITORY,
builds the image of the commit that is checked out, pushes it as its commit id and as
'latest', and records the commit id in the SSM parameter
$IMAGE_TAG_PARAMETER, from which the service stack reads it.
What is already there is left as it is, so it may be run again at any time.

Options:
  --region REGION      default: AWS_REGION, AWS_DEFAULT_REGION, the region of the AWS CLI's
                       profile, or else $DEFAULT_REGION
  --platform PLATFORM  linux/arm64 or linux/amd64: what the service runs on
                       default: IMAGE_PLATFORM, or else $DEFAULT_PLATFORM
  --help               show this text

Credentials are those of the AWS CLI: AWS_PROFILE, 'aws configure' or 'aws sso login'.
Exit status: 0 done, 1 failed, 2 wrong usage.
END
}

say() { printf '%s\n' "$*"; }
warn() { printf 'Warning: %s\n' "$*" >&2; }
fail() { printf 'Error: %s\n' "$*" >&2; exit 1; }
misuse() { printf "Error: %s\nSee 'sh deploy.sh --help'.\n" "$*" >&2; exit 2; }

region=${AWS_REGION:-${AWS_DEFAULT_REGION:-}}
platform=${IMAGE_PLATFORM:-$DEFAULT_PLATFORM}
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage; exit 0 ;;
    --region=* | --platform=*)
      option=${1%%=*} value=${1#*=}
      shift
      set -- "$option" "$value" "$@"
      continue
      ;;
    --region | --platform) [ -n "${2:-}" ] || misuse "$1 needs a value" ;;
    *) misuse "'$1' is not an option of deploy.sh" ;;
  esac
  case $1 in
    --region) region=$2 ;;
    --platform) platform=$2 ;;
  esac
  shift 2
done

case $platform in
  linux/arm64 | linux/amd64) ;;
  *) misuse "the platform must be linux/arm64 or linux/amd64, got '$platform'" ;;
esac

need() { command -v "$1" >/dev/null 2>&1 || fail "'$1' was not found on PATH. Install $2"; }
need git "Git: https://git-scm.com/downloads"
need docker "Docker: https://docs.docker.com/engine/install/"
need aws "the AWS CLI, version 2: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"

cd "$(dirname "$0")"
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The AWS CLI with what it writes to stderr kept in $errors, to be read when it fails.
try_aws() { AWS_PAGER='' aws "$@" 2>"$errors"; }
error_has() { grep -q "$1" "$errors"; }
# The CLI's own words: without its usage text and empty lines.
explain() { grep -v -e '^usage:' -e '^ *aws ' -e '^To see help' -e '^ *$' "$errors" || :; }

[ -n "$region" ] || region=$(try_aws configure get region) || region=
[ -n "$region" ] || region=$DEFAULT_REGION
printf '%s\n' "$region" | grep -Eq '^[a-z]+(-[a-z]+)+-[0-9]+$' ||
  misuse "'$region' is not the name of an AWS region, which looks like $DEFAULT_REGION"
# Version 1 of the AWS CLI reads only the second of these.
export AWS_REGION="$region" AWS_DEFAULT_REGION="$region"

commit=$(git rev-parse --verify HEAD 2>"$errors") ||
  fail "no commit here to build an image from. Run deploy.sh in a clone of the repository, or commit first.
$(explain)"
# As in buildspec.yml.
tag=$(printf '%.7s' "$commit")
if [ -n "$(git status --porcelain)" ]; then
  warn "there are changes that are not committed. An image built now holds them, under the id of commit $tag."
fi

docker info >/dev/null 2>"$errors" || fail "Docker does not answer. Start Docker, then run this again.
$(explain)"

if ! account=$(try_aws sts get-caller-identity --query Account --output text); then
  error_has 'Could not connect to the endpoint' && fail "AWS does not answer in region '$region'. Check its name, and this machine's network.
$(explain)"
  fail "AWS accepts no credentials from here. Run 'aws configure' or 'aws sso login', or set AWS_PROFILE.
$(explain)"
fi
say "Account $account, region $region, commit $tag, platform $platform"

create_repository() {
  # 'latest' moves with each release; a commit's tag never does.
  try_aws ecr create-repository \
    --repository-name "$REPOSITORY" \
    --image-scanning-configuration scanOnPush=true \
    --image-tag-mutability IMMUTABLE_WITH_EXCLUSION \
    --image-tag-mutability-exclusion-filters filterType=WILDCARD,filter=latest \
    --query repository.repositoryUri --output text && return
  # https://github.com/aws/aws-cli/blob/v2/CHANGELOG.rst (2.27.57), v1 (1.41.11)
  if error_has 'Unknown options'; then
    fail "this AWS CLI is too old: $(aws --version 2>&1). Making all tags but 'latest' immutable needs 2.27.57 or newer (of version 1: 1.41.11).
Update: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
  fi
  fail "the ECR repository $REPOSITORY could not be created.
$(explain)"
}

describe_repository() {
  try_aws ecr describe-repositories --repository-names "$REPOSITORY" \
    --query "repositories[0].$1" --output text
}

if repository_uri=$(describe_repository repositoryUri); then
  say "Repository $REPOSITORY is there."
  mutability=$(describe_repository imageTagMutability) || mutability=unknown
  if [ "$mutability" != IMMUTABLE_WITH_EXCLUSION ]; then
    warn "its tags are $mutability instead of IMMUTABLE_WITH_EXCLUSION. To change that:
  aws ecr put-image-tag-mutability --region $region --repository-name $REPOSITORY --image-tag-mutability IMMUTABLE_WITH_EXCLUSION --image-tag-mutability-exclusion-filters filterType=WILDCARD,filter=latest"
  fi
elif error_has RepositoryNotFoundException; then
  repository_uri=$(create_repository)
  say "Repository $REPOSITORY created."
else
  fail "the ECR repository $REPOSITORY could not be looked up.
$(explain)"
fi

# Only untagged images expire. 'Keep the newest N' would one day delete the image that a quiet
# service still runs, because ECR does not know what ECS is using.
if ! try_aws ecr get-lifecycle-policy --repository-name "$REPOSITORY" >/dev/null; then
  error_has LifecyclePolicyNotFoundException || fail "the lifecycle policy of $REPOSITORY could not be read.
$(explain)"
  try_aws ecr put-lifecycle-policy --repository-name "$REPOSITORY" --lifecycle-policy-text '{
    "rules": [{
      "rulePriority": 1,
      "description": "Untagged images: former latest, interrupted pushes",
      "selection": { "tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14 },
      "action": { "type": "expire" }
    }]
  }' >/dev/null || fail "the lifecycle policy of $REPOSITORY could not be set.
$(explain)"
  say "Untagged images expire after 14 days."
fi

images_found=$(try_aws ecr batch-get-image --repository-name "$REPOSITORY" \
  --image-ids "imageTag=$tag" --query 'length(images)' --output text) ||
  fail "the images of $REPOSITORY could not be read.
$(explain)"

if [ "$images_found" != 0 ]; then
  say "Image $tag is there: nothing to build."
else
  # Not one pipe: the shell would not notice that its first half failed.
  password=$(try_aws ecr get-login-password) || fail "no password for the registry.
$(explain)"
  printf '%s' "$password" | docker login --username AWS --password-stdin "${repository_uri%%/*}" >/dev/null ||
    fail "docker could not log in to ${repository_uri%%/*}."
  # One manifest for each image: an index with attestations is more than the service needs.
  DOCKER_BUILDKIT=1 BUILDX_NO_DEFAULT_ATTESTATIONS=1 docker build --platform "$platform" --build-arg "COMMIT=$tag" \
    -f apps/api/Dockerfile -t "$repository_uri:$tag" -t "$repository_uri:latest" . ||
    fail "the image was not built; Docker's message is above."
  # The commit's tag comes last: once it is there, everything of this commit is.
  docker push "$repository_uri:latest" || fail "the image was not pushed; Docker's message is above."
  docker push "$repository_uri:$tag" || fail "the image was not pushed; Docker's message is above."
  say "Image $tag pushed."
fi

if recorded=$(try_aws ssm get-parameter --name "$IMAGE_TAG_PARAMETER" --query Parameter.Value --output text); then
  say "Parameter $IMAGE_TAG_PARAMETER is there, with $recorded: the pipeline keeps it from now on."
elif error_has ParameterNotFound; then
  try_aws ssm put-parameter --name "$IMAGE_TAG_PARAMETER" --type String --value "$tag" >/dev/null ||
    fail "the SSM parameter $IMAGE_TAG_PARAMETER could not be written.
$(explain)"
  say "Parameter $IMAGE_TAG_PARAMETER set to $tag."
else
  fail "the SSM parameter $IMAGE_TAG_PARAMETER could not be read.
$(explain)"
fi

say "Done. Next, once for each account and region, and then whenever the stacks change:
  npm run -w cdk -- bootstrap
  npm run -w cdk -- deploy --all"
