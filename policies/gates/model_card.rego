package countersign.gates

rules["model-card.sections"] := {
	"gate": "card",
	"place": document_of("model-card"),
	"subject": ["card", "sections"],
	"required": data.thresholds.modelCard.sections,
}

# What is seen are the sections that are filled.
readings["model-card.sections"] contains {"value": card.sections, "where": card.where, "holds": (wanted - filled) == set()} if {
	some card in input.cards
	is_array(card.sections)
	wanted := {section | some section in data.thresholds.modelCard.sections}
	filled := {section | some section in card.sections}
}

rules["model-card.risk"] := {
	"gate": "card",
	"place": document_of("model-card"),
	"subject": ["card", "risk"],
	"required": data.thresholds.modelCard.risks,
}

readings["model-card.risk"] contains {"value": card.risk, "where": card.where, "holds": card.risk in data.thresholds.modelCard.risks} if {
	some card in input.cards
	is_string(card.risk)
}
