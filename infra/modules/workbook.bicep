@description('Required. Where the workbook is kept.')
param location string

@description('Required. The tags of every resource.')
param tags { *: string }

@description('Required. What people see in the portal.')
param displayName string

@description('Required. The workspace that holds the log.')
param workspaceId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    category: 'workbook'
    displayName: displayName
    serializedData: replace(loadTextContent('workbook.json'), '{workspaceId}', workspaceId)
    sourceId: workspaceId
  }
}

@description('The resource id of the workbook.')
output id string = workbook.id
