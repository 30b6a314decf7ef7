select host from forgotten_site
