package client

import (
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	spi "github.com/alibabacloud-go/alibabacloud-gateway-spi/client"
	"github.com/alibabacloud-go/tea/tea"
	"github.com/aliyun/credentials-go/credentials"
)

func newContext(t *testing.T, request spi.InterceptorContextRequest) *spi.InterceptorContext {
	t.Helper()
	keys, err := credentials.NewCredential(&credentials.Config{
		Type: tea.String("access_key"), AccessKeyId: tea.String("AK"), AccessKeySecret: tea.String("SK"),
	})
	if err != nil {
		t.Fatal(err)
	}
	request.Credential = keys
	request.UserAgent = tea.String("test")
	return &spi.InterceptorContext{
		Request: &request,
		Configuration: &spi.InterceptorContextConfiguration{
			RegionId: tea.String("cn-hangzhou"), Endpoint: tea.String("https://oss-cn-hangzhou.aliyuncs.com/"),
		},
	}
}

func send(t *testing.T, request spi.InterceptorContextRequest) (*spi.InterceptorContextRequest, string) {
	t.Helper()
	gateway, context := &Client{}, newContext(t, request)
	if err := gateway.ModifyConfiguration(context, nil); err != nil {
		t.Fatal(err)
	}
	if err := gateway.ModifyRequest(context, nil); err != nil {
		t.Fatal(err)
	}
	if context.Request.Stream == nil {
		return context.Request, ""
	}
	body, err := io.ReadAll(context.Request.Stream)
	if err != nil {
		t.Fatal(err)
	}
	return context.Request, string(body)
}

func answer(t *testing.T, bodyType string, status int, content string) (any, error) {
	t.Helper()
	context := newContext(t, spi.InterceptorContextRequest{BodyType: tea.String(bodyType), Action: tea.String("Test")})
	context.Response = &spi.InterceptorContextResponse{
		StatusCode: tea.Int(status), Body: strings.NewReader(content),
		Headers: map[string]*string{"x-oss-request-id": tea.String("ID-FROM-HEADER")},
	}
	err := (&Client{}).ModifyResponse(context, nil)
	return context.Response.DeserializedBody, err
}

func TestPolicyIsSentAsItIs(t *testing.T) {
	const policy = `{"Version":"1","Statement":[{"Effect":"Allow"}]}`
	request, body := send(t, spi.InterceptorContextRequest{
		Method: tea.String("PUT"), Pathname: tea.String("/?policy"), ReqBodyType: tea.String("json"), Body: policy,
		HostMap: map[string]*string{"bucket": tea.String("mine")},
	})
	if body != policy {
		t.Errorf("body: %s", body)
	}
	for name, want := range map[string]string{
		"host":         "mine.oss-cn-hangzhou.aliyuncs.com",
		"content-type": "application/json",
		"content-md5":  "ZGBtbstcEjuhBO9PnAU3dw==",
	} {
		if got := tea.StringValue(request.Headers[name]); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := tea.StringValue(request.Pathname); got != "/?policy" || len(request.Query) != 0 {
		t.Errorf("path %q, query %v", got, request.Query)
	}
	if got := tea.StringValue(request.Headers["authorization"]); !strings.HasPrefix(got, "OSS4-HMAC-SHA256 Credential=AK/") ||
		!strings.Contains(got, "/cn-hangzhou/oss/aliyun_v4_request,") {
		t.Errorf("authorization: %s", got)
	}
}

func TestMapsBecomeEscapedXMLInOneOrder(t *testing.T) {
	_, body := send(t, spi.InterceptorContextRequest{
		Method: tea.String("PUT"), Pathname: tea.String("/?x"), ReqBodyType: tea.String("xml"),
		HostMap: map[string]*string{"bucket": tea.String("mine")},
		Body: map[string]any{"Root": map[string]any{
			"B": true, "A": []any{"1 < 2", 2}, "C": []map[string]any{{"D": "x"}}, "E": nil,
		}},
	})
	if want := "<Root><A>1 &lt; 2</A><A>2</A><B>true</B><C><D>x</D></C></Root>"; body != want {
		t.Errorf("body %s, want %s", body, want)
	}
}

func TestEmptyBodiesAreNotSent(t *testing.T) {
	for _, body := range []any{nil, "", map[string]any{}} {
		request, sent := send(t, spi.InterceptorContextRequest{
			Method: tea.String("DELETE"), Pathname: tea.String("/?policy"), ReqBodyType: tea.String("json"), Body: body,
		})
		if sent != "" || request.Headers["content-type"] != nil {
			t.Errorf("%#v was sent as %q", body, sent)
		}
	}
}

func TestParametersOfPathAndCallAreOneSortedQuery(t *testing.T) {
	request, _ := send(t, spi.InterceptorContextRequest{
		Method: tea.String("GET"), Pathname: tea.String("/?inventory"), ReqBodyType: tea.String("xml"),
		Query: map[string]*string{"inventoryId": tea.String("a b/c"), "comp": nil, "z": tea.String("")},
	})
	if got, want := tea.StringValue(request.Pathname), "/?inventory&inventoryId=a%20b%2Fc&z"; got != want {
		t.Errorf("path %q, want %q", got, want)
	}
}

func TestV1SignatureOnRequest(t *testing.T) {
	request, _ := send(t, spi.InterceptorContextRequest{
		Method: tea.String("GET"), Pathname: tea.String("/?acl"), ReqBodyType: tea.String("xml"),
		SignatureVersion: tea.String("v1"), HostMap: map[string]*string{"bucket": tea.String("mine")},
	})
	if got := tea.StringValue(request.Headers["authorization"]); !strings.HasPrefix(got, "OSS AK:") {
		t.Errorf("authorization: %s", got)
	}
}

func TestAnswersBecomeMaps(t *testing.T) {
	for _, test := range []struct {
		kind, content string
		want          any
	}{
		{"xml", `<?xml version="1.0"?><R><One>1</One><Many>a</Many><Many>b</Many></R>`,
			map[string]any{"R": map[string]any{"One": "1", "Many": []any{"a", "b"}}}},
		{"json", `{"Version":"1"}`, map[string]any{"Version": "1"}},
		{"xml", "", nil},
	} {
		got, err := answer(t, test.kind, 200, test.content)
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %#v, %v", test.content, got, err)
		}
	}
}

func TestRefusalsAreSDKErrors(t *testing.T) {
	for _, test := range []struct {
		status              int
		content             string
		wantCode, wantInMsg string
	}{
		{404, "<Error><Code>NoSuchBucketPolicy</Code><Message>none</Message><RequestId>R</RequestId></Error>",
			"NoSuchBucketPolicy", "code: 404, none request id: R"},
		{503, "<html>busy</html>", "HTTP 503", "code: 503, Service Unavailable request id: ID-FROM-HEADER"},
		{403, "", "HTTP 403", "code: 403"},
	} {
		_, err := answer(t, "xml", test.status, test.content)
		var refusal *tea.SDKError
		if !errors.As(err, &refusal) {
			t.Fatalf("%d: %T %v", test.status, err, err)
		}
		if *refusal.Code != test.wantCode || *refusal.StatusCode != test.status ||
			!strings.HasPrefix(*refusal.Message, test.wantInMsg) || refusal.Data == nil {
			t.Errorf("%d: %v", test.status, refusal)
		}
	}
}
