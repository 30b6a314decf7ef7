select distinct site from confirmed_lead
