"""Messages to people: `recipients` says who, `messages` writes them down, `delivery` sends what is due, `mail` and
`slack` are the ways out, `optout` is how somebody ends them."""
