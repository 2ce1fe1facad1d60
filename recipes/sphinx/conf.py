project = "A site"
html_theme = "alabaster"
html_extra_path = ["assets"]  # the folder kubarium lies in it
html_js_files = [("../kubarium/kubarium.js", {"type": "module"})]  # from _static
exclude_patterns = ["env", "assets"]
