select token_id from revoked_token
