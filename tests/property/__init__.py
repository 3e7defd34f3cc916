"""Random expressions over the whole language, against gradients that share no code with matcalc."""
