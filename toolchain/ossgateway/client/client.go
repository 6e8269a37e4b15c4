// Package client carries the OSS calls of the provider's newer resources (bucket policy, ACL, public access block,
// encryption, versioning). The provider hands every such call to this gateway as an action and a plain map; the gateway
// makes a signed HTTP request of it, and of the answer a map again.
//
// The package stands in for the module of the same name, which registries do not serve. Only what the provider calls is
// here: signatures are those of the official OSS SDK, XML has the shapes that the provider's code reads.
package client

import (
	"fmt"
	"strings"

	spi "github.com/alibabacloud-go/alibabacloud-gateway-spi/client"
	"github.com/alibabacloud-go/tea/tea"
)

// Client implements the gateway interface of Alibaba Cloud's Go SDK core.
type Client struct{}

var _ spi.ClientInterface = (*Client)(nil)

// NewClient is the constructor that the provider calls.
func NewClient() (*Client, error) {
	return &Client{}, nil
}

// ModifyConfiguration settles the endpoint: a host name without a scheme.
func (*Client) ModifyConfiguration(context *spi.InterceptorContext, _ *spi.AttributeMap) error {
	configuration := context.Configuration
	endpoint := tea.StringValue(configuration.Endpoint)
	if _, host, found := strings.Cut(endpoint, "://"); found {
		endpoint = host
	}
	endpoint = strings.TrimSuffix(endpoint, "/")
	if endpoint == "" {
		region := tea.StringValue(configuration.RegionId)
		if region == "" {
			return fmt.Errorf("no OSS endpoint: neither an endpoint nor a region is configured; set alicloud:region")
		}
		endpoint = "oss-" + region + ".aliyuncs.com"
	}
	configuration.Endpoint = tea.String(endpoint)
	return nil
}

// ModifyRequest turns the action into a signed request.
func (*Client) ModifyRequest(context *spi.InterceptorContext, _ *spi.AttributeMap) error {
	body, contentType, err := encodeBody(tea.StringValue(context.Request.ReqBodyType), context.Request.Body)
	if err != nil {
		return fmt.Errorf("cannot encode the body of OSS %s: %w", tea.StringValue(context.Request.Action), err)
	}
	return sign(context, body, contentType)
}

// ModifyResponse turns the answer into a map, or into the SDK's error.
func (*Client) ModifyResponse(context *spi.InterceptorContext, _ *spi.AttributeMap) error {
	content, err := readAll(context.Response)
	if err != nil {
		return fmt.Errorf("cannot read the answer to OSS %s: %w", tea.StringValue(context.Request.Action), err)
	}
	status := tea.IntValue(context.Response.StatusCode)
	if status >= 400 {
		return serviceError(status, context.Response.Headers, content)
	}
	decoded, err := decodeBody(tea.StringValue(context.Request.BodyType), content)
	if err != nil {
		return fmt.Errorf("cannot decode the answer to OSS %s: %w", tea.StringValue(context.Request.Action), err)
	}
	context.Response.DeserializedBody = decoded
	return nil
}
