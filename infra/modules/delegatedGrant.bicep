extension microsoftGraphV1

@description('Required. The client id of the resource application, such as WindowsDefenderATP.')
param resourceAppId string

@description('Required. The delegated scopes to grant, by name.')
param scopes string[]

@description('Required. The object id of the service principal that gets them.')
param principalId string

// There only in tenants that have the product.
resource resourceApplication 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: resourceAppId
}

resource grant 'Microsoft.Graph/oauth2PermissionGrants@v1.0' = {
  clientId: principalId
  consentType: 'AllPrincipals'
  resourceId: resourceApplication.id
  scope: join(scopes, ' ')
}
