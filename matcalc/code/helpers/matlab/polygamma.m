function y = polygamma(order, x)
  % the derivative of digamma of a whole order
  y = psi(round(order(1)), x);
end
