"""R1's two examples, as they stand there."""

ASANA_TASK = """{
  "resourceType": "TASK",
  "externalToInternal": [
    {
      "externalField": "gid",
      "internalField": "externalId",
      "transform": "string",
      "required": true
    },
    {
      "externalField": "name",
      "internalField": "title",
      "transform": "string",
      "required": true
    },
    {
      "externalField": "notes",
      "internalField": "description",
      "transform": "string"
    },
    {
      "externalField": "completed",
      "internalField": "status",
      "transform": {
        "type": "enum",
        "mapping": {
          "true": "COMPLETED",
          "false": "IN_PROGRESS"
        }
      }
    },
    {
      "externalField": "due_on",
      "internalField": "dueDate",
      "transform": "date"
    },
    {
      "externalField": "assignee.gid",
      "internalField": "assignedToId",
      "transform": {
        "type": "lookup",
        "resourceType": "MEMBER",
        "lookupField": "externalId"
      }
    }
  ]
}"""

HUBSPOT_MEMBER = """{
  "resourceType": "MEMBER",
  "internalToExternal": [
    {
      "internalField": "email",
      "externalField": "email",
      "transform": "string",
      "required": true
    },
    {
      "internalField": "name",
      "externalField": "firstname",
      "transform": {
        "type": "custom",
        "function": "splitName",
        "target": "first"
      }
    },
    {
      "internalField": "name",
      "externalField": "lastname",
      "transform": {
        "type": "custom",
        "function": "splitName",
        "target": "last"
      }
    },
    {
      "internalField": "role",
      "externalField": "britepool_role",
      "transform": "string"
    },
    {
      "internalField": "profile.totalEquityUnits",
      "externalField": "britepool_equity_units",
      "transform": "number"
    }
  ]
}"""
