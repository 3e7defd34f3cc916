"""Notes: documents in Markdown or LaTeX whose requests for derivatives are filled in, and whose claims are checked.

bytes ──▶ document ──▶ markdown, tex ──▶ requests ──▶ filling            (what is asked, and its place)
          (text)       (places)     └──▶ mathematics ──▶ claims ──▶ verdicts   (what is claimed)
"""
