package client

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"reflect"
	"sort"

	"github.com/clbanning/mxj/v2"
)

// encodeBody returns the bytes of a request body and its content type; nil bytes mean no body.
func encodeBody(kind string, body any) ([]byte, string, error) {
	if isEmpty(body) {
		return nil, "", nil
	}
	switch kind {
	case "xml":
		fields, ok := body.(map[string]any)
		if !ok {
			return nil, "", fmt.Errorf("an XML body is made of a map, not of %T", body)
		}
		var buffer bytes.Buffer
		if err := writeElements(&buffer, fields); err != nil {
			return nil, "", err
		}
		return buffer.Bytes(), "application/xml", nil
	case "json":
		if text, ok := body.(string); ok {
			return []byte(text), "application/json", nil
		}
		content, err := json.Marshal(body)
		return content, "application/json", err
	default:
		return nil, "", fmt.Errorf("unknown request body type %q", kind)
	}
}

func isEmpty(body any) bool {
	if body == nil {
		return true
	}
	value := reflect.ValueOf(body)
	switch value.Kind() {
	case reflect.Map, reflect.Slice, reflect.String:
		return value.Len() == 0
	default:
		return false
	}
}

// writeElements writes one element for each field, sorted by name so that equal maps make equal bytes.
func writeElements(buffer *bytes.Buffer, fields map[string]any) error {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if err := writeElement(buffer, name, fields[name]); err != nil {
			return err
		}
	}
	return nil
}

// writeElement writes a value as one element, and a list as one element for each of its items.
func writeElement(buffer *bytes.Buffer, name string, value any) error {
	if value == nil {
		return nil
	}
	if items := reflect.ValueOf(value); items.Kind() == reflect.Slice {
		for i := range items.Len() {
			if err := writeElement(buffer, name, items.Index(i).Interface()); err != nil {
				return err
			}
		}
		return nil
	}
	fmt.Fprintf(buffer, "<%s>", name)
	if fields, ok := value.(map[string]any); ok {
		if err := writeElements(buffer, fields); err != nil {
			return err
		}
	} else if err := xml.EscapeText(buffer, []byte(fmt.Sprint(value))); err != nil {
		return err
	}
	fmt.Fprintf(buffer, "</%s>", name)
	return nil
}

// decodeBody returns what the provider reads: for XML a map from the root element's name, in which all leaves are
// strings and a repeated element is a list (one that occurs once is not).
func decodeBody(kind string, content []byte) (any, error) {
	content = bytes.TrimSpace(content)
	if len(content) == 0 {
		return nil, nil
	}
	switch kind {
	case "xml":
		decoded, err := mxj.NewMapXml(content)
		if err != nil {
			return nil, err
		}
		return map[string]any(decoded), nil
	case "json":
		var decoded map[string]any
		if err := json.Unmarshal(content, &decoded); err != nil {
			return nil, err
		}
		return decoded, nil
	default:
		return nil, fmt.Errorf("unknown response body type %q", kind)
	}
}
