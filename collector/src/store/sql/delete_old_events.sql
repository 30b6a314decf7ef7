-- Those about a site are kept until it is forgotten, and commissions for ever: they tell of money.
delete from server_event where site = '' and kind <> 'commission' and received_ms < $1
