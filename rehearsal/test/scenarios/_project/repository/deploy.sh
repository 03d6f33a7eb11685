#!/bin/sh
# The first image, as the commit's id.
set -eu
region=eu-west-1
account=$(aws sts get-caller-identity --query Account --output text)
registry=$account.dkr.ecr.$region.amazonaws.com
tag=$(git rev-parse --short=7 HEAD)
aws ecr create-repository --region "$region" --repository-name greeter --image-scanning-configuration scanOnPush=true
aws ecr get-login-password --region "$region" | docker login --username AWS --password-stdin "$registry"
docker build --build-arg "COMMIT=$tag" -t "$registry/greeter:$tag" .
docker push "$registry/greeter:$tag"
aws ssm put-parameter --region "$region" --name /greeter/image-tag --type String --value "$tag"
