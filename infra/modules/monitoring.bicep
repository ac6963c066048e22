@description('Required. The name of the Log Analytics workspace.')
@minLength(4)
@maxLength(63)
param workspaceName string

@description('Required. The name of the Application Insights component.')
@minLength(1)
@maxLength(260)
param componentName string

@description('Required. Where logs are kept.')
param location string

@description('Required. The tags of every resource.')
param tags { *: string }

@description('Required. Days for which logs are kept.')
@minValue(30)
@maxValue(730)
param retentionInDays int

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionInDays
    features: { disableLocalAuth: true }
  }
}

resource component 'Microsoft.Insights/components@2020-02-02' = {
  name: componentName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    DisableLocalAuth: true
    WorkspaceResourceId: workspace.id
  }
}

@description('The resource id of the workspace.')
output workspaceId string = workspace.id

@description('The name of the component.')
output componentName string = component.name

@description('Where the app sends its log. It opens nothing by itself: local authentication is off.')
output connectionString string = component.properties.ConnectionString
