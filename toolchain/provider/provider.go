package main

import (
	"github.com/aliyun/terraform-provider-alicloud/alicloud"
	"github.com/hashicorp/terraform-plugin-sdk/helper/schema"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v1"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

const (
	packageName = "alicloud"
	// packageVersion is that of the Python package, which asks the engine for a plugin of exactly its own version.
	packageVersion = "4.0.0"
	// maxNameLength bounds the names that Pulumi chooses where a program gives none.
	maxNameLength = 255
)

// providerInfo describes the Terraform provider, cut down to the resources and data sources of resources.go.
func providerInfo() tfbridge.ProviderInfo {
	upstream := alicloud.Provider().(*schema.Provider)
	for name := range upstream.ResourcesMap {
		if _, used := resources[name]; !used {
			delete(upstream.ResourcesMap, name)
		}
	}
	for name := range upstream.DataSourcesMap {
		if _, used := dataSources[name]; !used {
			delete(upstream.DataSourcesMap, name)
		}
	}
	info := tfbridge.ProviderInfo{
		P:           shim.NewProvider(upstream),
		Name:        packageName,
		Version:     packageVersion,
		GitHubOrg:   "aliyun",
		License:     "Apache-2.0",
		Resources:   map[string]*tfbridge.ResourceInfo{},
		DataSources: map[string]*tfbridge.DataSourceInfo{},
	}
	for name, token := range resources {
		fields := map[string]*tfbridge.SchemaInfo{}
		for _, field := range single[name] {
			fields[field] = &tfbridge.SchemaInfo{MaxItemsOne: tfbridge.True()}
		}
		info.Resources[name] = &tfbridge.ResourceInfo{Tok: tokens.Type(token), Fields: fields}
	}
	for name, token := range dataSources {
		info.DataSources[name] = &tfbridge.DataSourceInfo{Tok: tokens.ModuleMember(token)}
	}
	info.SetAutonaming(maxNameLength, "-")
	return info
}
