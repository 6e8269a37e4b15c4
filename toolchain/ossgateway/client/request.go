package client

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strings"

	spi "github.com/alibabacloud-go/alibabacloud-gateway-spi/client"
	"github.com/alibabacloud-go/tea/tea"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/signer"
)

// sign fills the request of the context: host, path with query, body and signed headers.
func sign(spiContext *spi.InterceptorContext, body []byte, contentType string) error {
	request := spiContext.Request
	bucket := tea.StringValue(request.HostMap["bucket"])
	host := tea.StringValue(spiContext.Configuration.Endpoint)
	if bucket != "" {
		host = bucket + "." + host
	}
	path, fixedQuery, _ := strings.Cut(tea.StringValue(request.Pathname), "?")
	query, names, err := mergeQuery(fixedQuery, request.Query)
	if err != nil {
		return err
	}
	key := strings.TrimPrefix(path, "/")

	unsigned, err := newHTTPRequest(request, &url.URL{Scheme: "https", Host: host, Path: "/" + key, RawQuery: query}, body, contentType)
	if err != nil {
		return err
	}
	keys, err := request.Credential.GetCredential()
	if err != nil {
		return fmt.Errorf("no credentials to sign OSS %s: %w", tea.StringValue(request.Action), err)
	}
	signing := &signer.SigningContext{
		Product: tea.String("oss"),
		Region:  spiContext.Configuration.RegionId,
		Request: unsigned,
		Credentials: &credentials.Credentials{
			AccessKeyID:     tea.StringValue(keys.AccessKeyId),
			AccessKeySecret: tea.StringValue(keys.AccessKeySecret),
			SecurityToken:   tea.StringValue(keys.SecurityToken),
		},
		// V1 signs named parameters only, and every parameter of a bucket's control calls is one of them.
		SubResource: names,
	}
	if bucket != "" {
		signing.Bucket = tea.String(bucket)
	}
	if key != "" {
		signing.Key = tea.String(key)
	}
	if err := signerFor(tea.StringValue(request.SignatureVersion)).Sign(context.Background(), signing); err != nil {
		return fmt.Errorf("cannot sign OSS %s: %w", tea.StringValue(request.Action), err)
	}

	request.Headers = flatten(unsigned.Header)
	request.Headers["host"] = tea.String(host)
	// The query travels in the path: the caller would encode it again, and differently from what was signed.
	request.Pathname = tea.String(unsigned.URL.RequestURI())
	request.Query = nil
	if body != nil {
		request.Stream = bytes.NewReader(body)
	}
	return nil
}

// signerFor maps the provider's sign_version to a signer. V4 is the default because new accounts are refused V1.
func signerFor(version string) signer.Signer {
	if version == "v1" {
		return &signer.SignerV1{}
	}
	return &signer.SignerV4{}
}

func newHTTPRequest(request *spi.InterceptorContextRequest, target *url.URL, body []byte, contentType string) (*http.Request, error) {
	made, err := http.NewRequest(tea.StringValue(request.Method), target.String(), nil)
	if err != nil {
		return nil, err
	}
	for name, value := range request.Headers {
		if value != nil {
			made.Header.Set(name, *value)
		}
	}
	made.Header.Set("User-Agent", tea.StringValue(request.UserAgent))
	if body != nil {
		sum := md5.Sum(body)
		made.Header.Set("Content-MD5", base64.StdEncoding.EncodeToString(sum[:]))
		made.Header.Set("Content-Type", contentType)
	}
	return made, nil
}

// mergeQuery joins the parameters written into the action ("policy", "inventory&inventoryId=x") with those of the call,
// and returns the encoded query and the parameters' names, both sorted.
func mergeQuery(fixed string, extra map[string]*string) (string, []string, error) {
	values, err := url.ParseQuery(fixed)
	if err != nil {
		return "", nil, fmt.Errorf("malformed query %q: %w", fixed, err)
	}
	for name, value := range extra {
		if value != nil {
			values.Set(name, *value)
		}
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	sort.Strings(names)
	parameters := make([]string, 0, len(names))
	for _, name := range names {
		parameter := escape(name)
		// A bare name, without "=": it is what both signature versions expect of a sub-resource.
		if value := values.Get(name); value != "" {
			parameter += "=" + escape(value)
		}
		parameters = append(parameters, parameter)
	}
	return strings.Join(parameters, "&"), names, nil
}

// escape percent-encodes; OSS does not read "+" as a space.
func escape(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

// flatten lower-cases header names, the form in which the SDK core looks for them.
func flatten(headers http.Header) map[string]*string {
	flat := make(map[string]*string, len(headers))
	for name, values := range headers {
		flat[strings.ToLower(name)] = tea.String(strings.Join(values, ","))
	}
	return flat
}
