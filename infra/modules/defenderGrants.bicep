extension microsoftGraphV1

@description('Required. The client id of the resource application, such as WindowsDefenderATP.')
param resourceAppId string

@description('Required. The application roles to grant, by name.')
param roles string[]

@description('Required. The object id of the service principal that gets them.')
param principalId string

// There only in tenants that have the product.
resource resourceApplication 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: resourceAppId
}

// A name that the resource does not know, or knows for people only, fails the deployment.
resource grants 'Microsoft.Graph/appRoleAssignedTo@v1.0' = [
  for role in roles: {
    appRoleId: filter(
      resourceApplication.appRoles,
      appRole => appRole.value == role && contains(appRole.allowedMemberTypes, 'Application')
    )[0].id
    principalId: principalId
    resourceId: resourceApplication.id
  }
]
