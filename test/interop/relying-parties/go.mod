module relying-parties

go 1.26

require (
	github.com/hashicorp/go-hclog v1.6.3
	github.com/hashicorp/vault-plugin-auth-jwt v0.26.1
	github.com/hashicorp/vault/sdk v0.24.0
	k8s.io/apimachinery v0.37.2
	k8s.io/apiserver v0.37.2
)
