extension microsoftGraphV1

@description('Required. The client id of the resource application, such as WindowsDefenderATP.')
param resourceAppId string

@description('Required. The application roles that are asked for, by name.')
param roles string[]

@description('Required. The delegated scopes that are asked for, by name.')
param scopes string[]

// There only in tenants that have the product. Ids differ between clouds, so names are looked up.
resource resourceApplication 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: resourceAppId
}

// A name that the resource does not know fails the deployment.
var roleAccess = map(roles, role => { name: role, type: 'Role' })
var scopeAccess = map(scopes, scope => { name: scope, type: 'Scope' })

@export()
@description('What a registration asks of a resource application.')
type RequiredAccess = {
  @description('The client id of the resource application.')
  resourceAppId: string

  @description('What of it.')
  resourceAccess: ResourceAccess[]
}

@description('One permission of a resource application.')
type ResourceAccess = {
  @description('The id of the application role or of the delegated scope, in this cloud.')
  id: string

  @description('Which of the two it is.')
  type: 'Role' | 'Scope'
}

@description('The same by id, as a registration wants it.')
output access ResourceAccess[] = [
  for one in concat(roleAccess, scopeAccess): {
    id: one.type == 'Role'
      ? filter(
          resourceApplication.appRoles,
          appRole => appRole.value == one.name && contains(appRole.allowedMemberTypes, 'Application')
        )[0].id
      : filter(resourceApplication.oauth2PermissionScopes, scope => scope.value == one.name)[0].id
    type: one.type
  }
]
