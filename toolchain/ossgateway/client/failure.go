package client

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"

	spi "github.com/alibabacloud-go/alibabacloud-gateway-spi/client"
	"github.com/alibabacloud-go/tea/tea"
)

// failure is the XML document with which OSS answers a refused request.
type failure struct {
	Code      string
	Message   string
	RequestID string `xml:"RequestId"`
	HostID    string `xml:"HostId"`
	EC        string
}

// serviceError makes the error that the provider inspects.
//
// It looks whether an expected code starts with the received one, so that an empty code would match them all; it takes
// status 404 for "gone"; and it retries when the message starts with "code: 5xx".
func serviceError(status int, headers map[string]*string, content []byte) error {
	var told failure
	if err := xml.Unmarshal(content, &told); err != nil || told.Code == "" {
		told = failure{Code: fmt.Sprintf("HTTP %d", status), Message: http.StatusText(status)}
	}
	if told.RequestID == "" {
		told.RequestID = tea.StringValue(headers["x-oss-request-id"])
	}
	if told.EC == "" {
		told.EC = tea.StringValue(headers["x-oss-ec"])
	}
	return tea.NewSDKError(map[string]any{
		"code":       told.Code,
		"message":    fmt.Sprintf("code: %d, %s request id: %s", status, told.Message, told.RequestID),
		"statusCode": status,
		"data": map[string]any{
			"Code":       told.Code,
			"Message":    told.Message,
			"RequestId":  told.RequestID,
			"HostId":     told.HostID,
			"EC":         told.EC,
			"statusCode": status,
		},
	})
}

func readAll(response *spi.InterceptorContextResponse) ([]byte, error) {
	if response.Body == nil {
		return nil, nil
	}
	if closer, ok := response.Body.(io.Closer); ok {
		defer func() { _ = closer.Close() }()
	}
	return io.ReadAll(response.Body)
}
