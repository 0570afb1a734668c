// Gives passports to the programs that will be asked to take them: HashiCorp Vault's JWT plugin and the Kubernetes API
// server's JWT authenticator, each with the settings in examples/passport. Reads what test/interop/make-passports.ts
// writes; writes one line for each passport, and ends with 1 where one was judged otherwise than it should have been.
package main

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	jwtauth "github.com/hashicorp/vault-plugin-auth-jwt"
	"github.com/hashicorp/vault/sdk/logical"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/apis/apiserver"
	"k8s.io/apiserver/pkg/apis/apiserver/install"
	"k8s.io/apiserver/pkg/server/dynamiccertificates"
	"k8s.io/apiserver/plugin/pkg/authenticator/token/oidc"
)

type passport struct {
	For   string `json:"for"`
	What  string `json:"what"`
	Token string `json:"token"`
	Good  bool   `json:"good"`
}

type input struct {
	Issuer    string     `json:"issuer"`
	Discovery string     `json:"discovery"`
	Jwks      string     `json:"jwks"`
	Passports []passport `json:"passports"`
}

// Issuer in the examples; replaced by the address at which the documents are served here.
const exampleIssuer = "https://countersign.bank.example/v1/passports"

func main() {
	var given input
	must(json.NewDecoder(os.Stdin).Decode(&given))
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("content-type", "application/json")
		switch r.URL.Path {
		case "/v1/passports/.well-known/openid-configuration":
			fmt.Fprint(w, given.Discovery)
		case "/v1/passports/jwks.json":
			fmt.Fprint(w, given.Jwks)
		default:
			http.NotFound(w, r)
		}
	}))
	must(server.Listener.Close())
	server.Listener = listen(given.Issuer)
	server.StartTLS()
	defer server.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	examples := os.Args[1]

	takes := map[string]func(string) (string, error){
		"vault":      vault(examples, given.Issuer, string(ca)),
		"kubernetes": kubernetes(examples, given.Issuer, ca),
	}
	wrong := false
	for _, each := range given.Passports {
		said, err := takes[each.For](each.Token)
		verdict := "accepts"
		if err != nil {
			verdict, said = "refuses", strings.ReplaceAll(err.Error(), "\n", " ")
		}
		fmt.Printf("%s %s %s: %s\n", each.For, verdict, each.What, said)
		wrong = wrong || each.Good != (err == nil)
	}
	if wrong {
		os.Exit(1)
	}
}

func vault(examples, issuer, ca string) func(string) (string, error) {
	ctx := context.Background()
	storage := &logical.InmemStorage{}
	backend, err := jwtauth.Factory(ctx, &logical.BackendConfig{
		Logger:      hclog.NewNullLogger(),
		System:      &logical.StaticSystemView{DefaultLeaseTTLVal: time.Hour, MaxLeaseTTLVal: time.Hour},
		StorageView: storage,
	})
	must(err)
	write := func(path string, data map[string]interface{}) (*logical.Response, error) {
		response, err := backend.HandleRequest(ctx, &logical.Request{
			Operation: logical.UpdateOperation, Path: path, Storage: storage, Data: data,
			Connection: &logical.Connection{RemoteAddr: "127.0.0.1"},
		})
		if err == nil && response != nil && response.IsError() {
			err = response.Error()
		}
		return response, err
	}
	config := example(examples, "vault-config.json", issuer)
	config["oidc_discovery_ca_pem"] = ca
	_, err = write("config", config)
	must(err)
	role, err := backend.HandleRequest(ctx, &logical.Request{
		Operation: logical.CreateOperation, Path: "role/deploy", Storage: storage,
		Data: example(examples, "vault-role.json", issuer),
	})
	must(err)
	if role != nil && role.IsError() {
		must(role.Error())
	}
	return func(token string) (string, error) {
		response, err := write("login", map[string]interface{}{"role": "deploy", "jwt": token})
		if err != nil {
			return "", err
		}
		auth := response.Auth
		return fmt.Sprintf("policies %v for %s, metadata freeze=%s", auth.Policies, auth.TTL, auth.Alias.Metadata["freeze"][:8]), nil
	}
}

func kubernetes(examples, issuer string, ca []byte) func(string) (string, error) {
	text, err := os.ReadFile(filepath.Join(examples, "kubernetes-authentication.yaml"))
	must(err)
	scheme := runtime.NewScheme()
	install.Install(scheme)
	codecs := serializer.NewCodecFactory(scheme, serializer.EnableStrict)
	object, err := runtime.Decode(codecs.UniversalDecoder(), []byte(strings.ReplaceAll(string(text), exampleIssuer, issuer)))
	must(err)
	config, ok := object.(*apiserver.AuthenticationConfiguration)
	if !ok {
		must(fmt.Errorf("%T is not an AuthenticationConfiguration", object))
	}
	roots, err := dynamiccertificates.NewStaticCAContent("example", ca)
	must(err)
	ctx, cancel := context.WithCancel(context.Background())
	_ = cancel
	authenticator, err := oidc.New(ctx, oidc.Options{
		JWTAuthenticator:     config.JWT[0],
		CAContentProvider:    roots,
		SupportedSigningAlgs: oidc.AllValidSigningAlgorithms(),
	})
	must(err)
	for authenticator.HealthCheck() != nil {
		time.Sleep(50 * time.Millisecond)
	}
	return func(token string) (string, error) {
		response, ok, err := authenticator.AuthenticateToken(ctx, token)
		if err != nil {
			return "", err
		}
		if !ok {
			return "", fmt.Errorf("the token is none of this issuer's")
		}
		user := response.User
		return fmt.Sprintf("user %s, freeze=%s", user.GetName(), user.GetExtra()["countersign.example/freeze-sha256"][0][:8]), nil
	}
}

func example(folder, name, issuer string) map[string]interface{} {
	text, err := os.ReadFile(filepath.Join(folder, name))
	must(err)
	var data map[string]interface{}
	must(json.Unmarshal([]byte(strings.ReplaceAll(string(text), exampleIssuer, issuer)), &data))
	return data
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
