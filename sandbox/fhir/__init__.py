"""The health data platform: HL7 FHIR R4 over the synthetic population."""
